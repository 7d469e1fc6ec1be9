using Titer.Files;
using Titer.Files.Codes;

namespace Titer.Runtime.Phases;

/// <summary>A stranger's metric gave no scores. It is the result of the phase that asked: nobody else's fault, and nobody's crash.</summary>
/// <param name="text">The fact and the fix.</param>
internal sealed class MetricFaultException(string code, string text) : Exception($"{code} {VisibleText.Of(text, MostCharacters)}"), ICoded
{
    /// <summary>It threw, or could not be made.</summary>
    public const string ThrewCode = "TITER555";

    /// <summary>It did not answer in time.</summary>
    public const string LateCode = "TITER556";

    /// <summary>What it answered are not one number in [0, 1] for each answer.</summary>
    public const string NoScoresCode = "TITER557";

    /// <summary>Its process ended, or took too much memory.</summary>
    public const string EndedCode = "TITER558";

    private const int MostCharacters = 8000;

    public string Code { get; } = code;
}
