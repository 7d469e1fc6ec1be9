using System.CommandLine;
using Titer.Runtime.Configuration;

namespace Titer.Cli.Commands;

/// <summary>Which device, checked as it is parsed.</summary>
internal sealed class DeviceOption
{
    public DeviceOption(string description)
    {
        Option = new Option<string>("--device") { Description = description, DefaultValueFactory = _ => "auto" };
        Option.Validators.Add(result =>
        {
            var device = result.GetValueOrDefault<string>();
            if (!DeviceName.IsValid(device)) result.AddError($"TITER610 '{device}' is not a device. Use {DeviceName.Known}.");
        });
    }

    public Option<string> Option { get; }

    public string Of(ParseResult parsed) => parsed.GetValue(Option)!;

    /// <summary>Whether the command line names one.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetResult(Option) is { Implicit: false };
}
