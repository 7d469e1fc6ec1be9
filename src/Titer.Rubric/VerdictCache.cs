using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Titer.Runtime.Results;

namespace Titer.Rubric;

/// <summary>
/// One small file per verdict, named by the hash of model, rubric, prompt and answer. The first writer wins and later ones take its verdict, so processes that share a folder agree.
/// Prompts and answers are not in it.
/// </summary>
internal sealed class VerdictCache
{
    private readonly string folder;

    public VerdictCache(string folder)
    {
        this.folder = folder;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new RubricException("TITER568", $"The judge's cache folder '{folder}' cannot be made: {fault.Message} Name a folder that can be written.", fault);
        }
    }

    public static string Key(string model, RubricText rubric, string prompt, string answer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string[])["titer-verdict-1", model, rubric.Form.ToString(), rubric.Text, prompt, answer])
        {
            var bytes = Encoding.Unicode.GetBytes(part); // every string has one, lone surrogates too
            hash.AppendData(BitConverter.GetBytes(bytes.LongLength));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public double? Find(string key)
    {
        var path = PathOf(key);
        if (!File.Exists(path)) return null;
        try
        {
            using var entry = JsonDocument.Parse(File.ReadAllText(path));
            if (entry.RootElement.GetProperty("score").GetDouble() is >= 0 and <= 1 and var score) return score;
            throw new FormatException("the score is outside [0, 1]");
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new RubricException("TITER566", $"The kept verdict '{path}' cannot be read: {fault.Message}. Delete the file to have the answer judged again.", fault);
        }
    }

    /// <summary>The verdict that is kept from now on: this one, or the one another process kept first.</summary>
    public double Keep(string key, double score, string model, string rubricId, string reply)
    {
        var entry = new JsonObject { ["score"] = score, ["model"] = model, ["rubric"] = rubricId, ["reply"] = reply };
        try
        {
            return FirstWriterWins.Commit(PathOf(key), entry.ToJsonString() + "\n") ? score : Find(key) ?? score;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new RubricException("TITER568", $"A verdict came but cannot be kept: {fault.Message} Make the cache folder writable.", fault);
        }
    }

    private string PathOf(string key) => Path.Combine(folder, key[..2], key + ".json");
}
