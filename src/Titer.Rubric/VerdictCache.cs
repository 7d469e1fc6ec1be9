using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Titer.Files;

namespace Titer.Rubric;

/// <summary>One file per verdict, named by the hash of everything that it depends on. Safe for several
/// processes: a file appears whole or not at all.</summary>
internal sealed class VerdictCache(string folder)
{
    public static string KeyOf(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <exception cref="RubricException">The kept verdict is damaged: asking again each time would be paid for each time.</exception>
    public double? Find(string key)
    {
        var file = FileOf(key);
        try
        {
            var text = File.ReadAllText(file);
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && score is >= 0 and <= 1
                ? score
                : throw new RubricException($"TITER566 The kept verdict '{file}' is damaged. Delete the file to have the answer judged again.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The verdict that counts from now on: this one, or the one that another process kept first.</summary>
    public double Add(string key, double score) =>
        FirstWriterWins.Commit(FileOf(key), score.ToString("R", CultureInfo.InvariantCulture)) ? score : Find(key) ?? score;

    private string FileOf(string key) => Path.Combine(folder, key[..2], key + ".txt");
}
