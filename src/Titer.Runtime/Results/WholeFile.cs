namespace Titer.Runtime.Results;

/// <summary>Replaces a file as a whole: a reader sees the old text or the new one, a crash leaves one of them.</summary>
internal static class WholeFile
{
    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(temporary, text);
#pragma warning disable RS0030 // Replacing is what is meant: nobody commits to this name.
        File.Move(temporary, path, overwrite: true);
#pragma warning restore RS0030
    }
}
