using Titer.Rubric;
using Titer.Runtime.Configuration;
using Titer.Scenarios.Yaml;

namespace Titer.Cli.Commands;

/// <summary>Reads the file that configures the judge of the metric <c>rubric</c>.</summary>
internal static class RubricFile
{
    private static readonly Dictionary<string, string> BuiltIn =
        new(StringComparer.Ordinal) { ["harmfulness"] = BuiltInRubrics.Harmfulness, ["helpfulness"] = BuiltInRubrics.Helpfulness };

    /// <param name="defaultCache">Where verdicts are kept unless the file says otherwise.</param>
    /// <exception cref="YamlProblemException">Not such a file.</exception>
    public static RubricOptions Read(string path, string defaultCache)
    {
        if (!File.Exists(path)) throw new ConfigurationException(
            $"TITER619 There is no file {path}. Write one with endpoint, model and key_variable (README, \"A judge model\").");
        var root = StrictYaml.Parse(path, File.ReadAllText(path));
        var entries = root.Map("endpoint", "model", "key_variable", "rubric", "cache", "parallel", "timeout_seconds", "retries", "input_price",
            "output_price");
        string Required(string key) =>
            entries.TryGetValue(key, out var value)
                ? value.Text()
                : throw root.Problem($"TITER619 The key '{key}' is missing. A judge needs endpoint and model.");
        var endpoint = Uri.TryCreate(Required("endpoint"), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri!
            : throw entries["endpoint"].Problem("TITER619 'endpoint' is not a web address. Write for example http://localhost:8000/v1.");
        var options = new RubricOptions { Endpoint = endpoint, Model = Required("model"), CacheFolder = defaultCache };
        foreach (var (key, value) in entries)
        {
            options = key switch
            {
                "key_variable" => options with { KeyVariable = value.Text() },
                "rubric" => options with { Instructions = BuiltIn.GetValueOrDefault(value.Text(), value.Text()) },
                "cache" => options with { CacheFolder = Path.GetFullPath(value.Text(), Path.GetDirectoryName(Path.GetFullPath(path))!) },
                "parallel" => options with { ParallelRequests = (int)value.Whole(1, 256) },
                "timeout_seconds" => options with { Timeout = TimeSpan.FromSeconds(value.Number(0.1, 3600)) },
                "retries" => options with { Retries = (int)value.Whole(0, 20) },
                "input_price" => options with { InputPrice = (decimal)value.Number(0, 1e6) },
                "output_price" => options with { OutputPrice = (decimal)value.Number(0, 1e6) },
                _ => options,
            };
        }

        return options;
    }
}
