using System.CommandLine;
using System.Globalization;

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
            if (device is not ("auto" or "cpu" or "cuda") && !(device.StartsWith("cuda:", StringComparison.Ordinal) && uint.TryParse(device.AsSpan(5), NumberStyles.None, null, out _)))
                result.AddError($"TITER610 '{device}' is not a device. Use auto, cpu, cuda or cuda:N.");
        });
    }

    public Option<string> Option { get; }

    public string Of(ParseResult parsed) => parsed.GetValue(Option)!;
}
