using System.Text;

namespace Titer.Files;

/// <summary>Writes a file so that a reader sees all of the old text or all of the new one. One writer at a time: the caller holds a lock.</summary>
public static class ReplacedFile
{
    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Write(path, Encoding.UTF8.GetBytes(text));
    }

    public static void Write(string path, byte[] content)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            Commit(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Puts a finished file in another one's place.</summary>
    public static void Commit(string temporary, string path)
    {
        if (File.Exists(path)) File.Replace(temporary, path, null);
        else File.Move(temporary, path);
    }
}
