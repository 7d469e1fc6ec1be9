using System.Globalization;
using Titer.Plugins;
using Titer.Plugins.Metadata;

namespace Titer.Runtime.Conformance.Checks;

/// <summary>The assembly as such: its options, what it calls, and that it can be dropped.</summary>
internal static class PackageChecks
{
    private const string UnknownOption = "no_such_option";

    public static CheckAnswer OptionsRoundTrip(ConformanceRun run)
    {
        var schema = run.Manifest.Options;
        if (schema.Check(new Dictionary<string, string> { [UnknownOption] = "1" }) is not [{ Code: PluginProblemCode.OptionUnknown }])
            return CheckAnswer.Failed($"The unknown option '{UnknownOption}' was accepted.",
                "Declare options as parameters of one positional record.");
        foreach (var field in schema.Fields)
        {
            foreach (var text in Samples(field).Distinct())
            {
                var (texts, fault) = run.Candidate.ReadBack(new Dictionary<string, string> { [field.Name] = text });
                if (fault is not null) return CheckAnswer.Failed($"Option '{field.Name}' cannot be '{text}', which its declaration allows: {fault}",
                    "Narrow its [Range], or accept the value.");
                if (texts!.GetValueOrDefault(field.Name) != text)
                    return CheckAnswer.Failed($"Option '{field.Name}' was set to '{text}' and reads '{texts!.GetValueOrDefault(field.Name)}'.",
                        "Leave the record's properties as the compiler makes them; check values by [Range].");
            }
        }

        return CheckAnswer.Passed($"{schema.Fields.Count.ToString(CultureInfo.InvariantCulture)} options");
    }

    public static CheckAnswer UsesNoClockOrGlobalRandomness(ConformanceRun run)
    {
        if (run.Candidate.AssemblyFiles.Count == 0) return CheckAnswer.Skipped("The assembly holds more than the plugin.");
        var found = run.Candidate.AssemblyFiles.SelectMany(ClockLint.In).Distinct().Order(StringComparer.Ordinal).ToArray();
        return found.Length == 0
            ? CheckAnswer.Passed()
            : CheckAnswer.Warned($"It uses {string.Join(", ", found)}.",
                "Draw from context.Random, and count steps rather than seconds: the same match must play the same way twice.");
    }

    public static CheckAnswer Unloads(ConformanceRun run) => run.Candidate.Unload(stage => run.Try(run.Settings, stage));

    /// <summary>The ends of what the declaration allows, its default, and a value beside it.</summary>
    private static IEnumerable<string> Samples(OptionField field)
    {
        yield return field.Default;
        foreach (var choice in field.AllowedValues) yield return choice;
        var isNumber = field.Type is OptionType.WholeNumber or OptionType.LongWholeNumber or OptionType.Number;
        if (isNumber && field.Minimum is { } low) yield return Text(field.Type, low);
        if (isNumber && field.Maximum is { } high) yield return Text(field.Type, high);
        if (field.Type == OptionType.Flag) yield return field.Default == "true" ? "false" : "true";
        if (field.Type == OptionType.Text) yield return "another text";
        if (field.Type == OptionType.TextList) yield return "first,second";
    }

    private static string Text(OptionType type, double bound) =>
        type == OptionType.Number ? OptionText.Of(bound) : ((long)bound).ToString(CultureInfo.InvariantCulture);
}

/// <summary>Sources of numbers that no seed governs, by an assembly's reference tables. Advice: each may be used for a log line.</summary>
internal static class ClockLint
{
    public static IEnumerable<string> In(string path)
    {
        using var file = Open(path);
        return file is null ? [] : [.. MemberUse.In(file).Select(Name).OfType<string>().Distinct()];
    }

    private static string? Name(MemberUse use) => use switch
    {
        { Type: "System.DateTime" or "System.DateTimeOffset", Name: "get_Now" or "get_UtcNow" or "get_Today" } => $"{use.Type[7..]}.{use.Name[4..]}",
        { Type: "System.Diagnostics.Stopwatch", Name: "StartNew" or ".ctor" or "GetTimestamp" } => "Stopwatch",
        { Type: "System.Environment", Name: "get_TickCount" or "get_TickCount64" } => "Environment.TickCount",
        { Type: "System.TimeProvider", Name: "get_System" } => "TimeProvider.System",
        { Type: "System.Random", Name: "get_Shared" } => "Random.Shared",
        { Type: "System.Random", Name: ".ctor", Member: ".ctor()System.Void" } => "new Random()",
        { Type: "System.Guid", Name: "NewGuid" } => "Guid.NewGuid",
        { Assembly: "TorchSharp", Name: "manual_seed" } when !use.Type.EndsWith("+Generator", StringComparison.Ordinal) => "torch.manual_seed",
        _ => null,
    };

    private static AssemblyFile? Open(string path)
    {
        try
        {
            return AssemblyFile.Open(path);
        }
        catch (BadImageFormatException)
        {
            // The gate has said so already.
            return null;
        }
    }
}
