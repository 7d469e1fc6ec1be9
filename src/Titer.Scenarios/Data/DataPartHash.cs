using System.Security.Cryptography;
using System.Text;

namespace Titer.Scenarios.Data;

/// <summary>What one part of a scenario's data holds.</summary>
/// <param name="Part">For example <c>EvaluationHarmful</c>.</param>
/// <param name="Sha256">Over its rows as text, a line each.</param>
public sealed record DataPartHash(string Part, int Rows, string Sha256)
{
    internal static string Of(IEnumerable<string> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines) hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
