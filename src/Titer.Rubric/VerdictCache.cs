using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Titer.Rubric;

/// <summary>One file per verdict, named by the hash of everything that it depends on. Safe for several processes: a file appears whole or not at all.</summary>
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

    public double? Find(string key)
    {
        try
        {
            return double.Parse(File.ReadAllText(FileOf(key)), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or FormatException)
        {
            return null;
        }
    }

    public void Add(string key, double score)
    {
        var file = FileOf(key);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var temporary = $"{file}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(temporary, score.ToString("R", CultureInfo.InvariantCulture));
        try
        {
            File.Move(temporary, file);
        }
        catch (IOException) when (File.Exists(file))
        {
            // Another process asked the same: its verdict counts.
            File.Delete(temporary);
        }
    }

    private string FileOf(string key) => Path.Combine(folder, key[..2], key + ".txt");
}
