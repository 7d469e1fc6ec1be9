using System.Text;
using Titer.Files;

namespace Titer.Runtime.Slurm;

/// <summary>The last thing that a job said.</summary>
internal static class LogTail
{
    private const int MostBytes = 4000;

    public static string Of(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            stream.Seek(-Math.Min(MostBytes, stream.Length), SeekOrigin.End);
            var bytes = new byte[MostBytes];
            var text = Encoding.UTF8.GetString(bytes, 0, stream.ReadAtLeast(bytes, MostBytes, throwOnEndOfStream: false));
            var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            // A code and its sentence say more than the last frame of a stack.
            var last = lines.LastOrDefault(l => l.StartsWith("TITER", StringComparison.Ordinal)) ?? lines.LastOrDefault();
            return last is null ? "(nothing)." : VisibleText.OnOneLine(last);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "(there is none).";
        }
    }
}
