using System.Globalization;
using Titer.Files.Codes;

namespace Titer.Scenarios.Yaml;

/// <summary>What is wrong in a YAML file, and where. Line and column count from 1; both are 0 when the problem is the file as a whole.</summary>
/// <param name="Message">Code, fact and fix in one line.</param>
public sealed record YamlProblem(string File, long Line, long Column, string Message)
{
    public override string ToString() => Line > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {Message}")
        : $"{File}: {Message}";
}

/// <summary>A YAML file was refused. Independent of the YAML library, so that callers need not know it.</summary>
public sealed class YamlProblemException(YamlProblem problem, Exception? inner = null) : Exception(problem.ToString(), inner), ICoded
{
    public YamlProblem Problem { get; } = problem;

    public string Code { get; } = MessageCode.Of(problem.Message);
}
