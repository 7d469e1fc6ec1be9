using Titer.Files.Codes;

namespace Titer.Scenarios;

/// <summary>A scenario cannot be used. The message is one line: <c>file:line:column: code fact. fix.</c></summary>
public sealed class ScenarioException : Exception, ICoded
{
    public ScenarioException(string message, Exception? inner = null)
        : base(message, inner) => Code = MessageCode.Of(message);

    public ScenarioException(string file, long line, long column, string message)
        : base($"{file}:{line}:{column}: {message}") => (Code, HasPlace) = (MessageCode.Of(message), true);

    public string Code { get; }

    /// <summary>True when the message names a place inside a scenario file.</summary>
    public bool HasPlace { get; }
}
