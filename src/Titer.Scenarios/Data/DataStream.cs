using ICSharpCode.SharpZipLib.GZip;
using Titer.Models.Checkpoints;
using ZstdSharp;

namespace Titer.Scenarios.Data;

/// <summary>A data file as a stream of its rows' bytes, whatever it is packed in.</summary>
internal static class DataStream
{
    private static readonly string[] Packings = [".gz", ".zst"];

    /// <summary>The name without the packing.</summary>
    public static string Unpacked(string path) =>
        Packings.FirstOrDefault(packing => path.EndsWith(packing, StringComparison.OrdinalIgnoreCase)) is { } packing
            ? path[..^packing.Length]
            : path;

    /// <exception cref="ScenarioException">It cannot be opened, or is a Git LFS pointer.</exception>
    public static Stream Open(string path)
    {
        try
        {
            CheckpointText.RequireContent(path);
            Stream file = File.OpenRead(path);
            if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                // The runtime's own reader takes a stream that its writer never finished for a whole one.
                if (file.Length == 0) throw DataRow.At(path, 1, null, "TITER525", "cannot be read: the file is empty. Download it again.");
                return new GZipInputStream(file);
            }

            return path.EndsWith(".zst", StringComparison.OrdinalIgnoreCase) ? new DecompressionStream(file, leaveOpen: false) : file;
        }
        catch (CheckpointException e)
        {
            throw new ScenarioException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException(
                $"{path}: TITER524 The data file cannot be opened ({e.GetType().Name}). Paths are relative to the scenario file; correct 'file', "
                    + "or restore the file.", e);
        }
    }
}
