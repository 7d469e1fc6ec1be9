using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;

namespace Titer.Cli.Install;

/// <summary>
/// The SDK's packages where projects of plugins find them: copied out of the program into the user's own folder, so that a project goes on to build
/// when another version of titer takes the place of this one.
/// </summary>
internal static class SdkFeed
{
    /// <summary>Where packages of the user's own lie.</summary>
    public static string FolderOf(TiterHome home) => Path.Combine(home.Path, "feed");

    /// <summary>Puts this version's packages into the user's feed.</summary>
    /// <returns>The folder; null where the program carries none, which is a clone.</returns>
    public static string? Ensure(TiterHome home)
    {
        if (!Directory.Exists(Carried.Feed)) return null;
        var feed = Directory.CreateDirectory(FolderOf(home)).FullName;
        foreach (var package in Directory.EnumerateFiles(Carried.Feed, "*.nupkg"))
        {
            var (copy, bytes) = (Path.Combine(feed, Path.GetFileName(package)), File.ReadAllBytes(package));
            if (File.Exists(copy) && File.ReadAllBytes(copy).AsSpan().SequenceEqual(bytes)) continue;
            // Whole or not at all: a restore may be reading.
            ReplacedFile.Write(copy, bytes);
        }

        return feed;
    }

    /// <summary>As a configuration of NuGet names it: by the home folder where it lies in it, so that the file is right for everyone.</summary>
    public static string Portable(string feed)
    {
        var home = Environment.GetEnvironmentVariable("HOME");
        return home is { Length: > 1 } && feed.StartsWith(home + "/", StringComparison.Ordinal) ? $"%HOME%{feed[home.Length..]}" : feed;
    }

    /// <summary>The version of the SDK's packages in a feed: this program's own where it is there, else the one that is.</summary>
    /// <exception cref="ConfigurationException">There is none, or one cannot choose.</exception>
    public static string VersionIn(string feed)
    {
        const string Sdk = "Titer.Sdk.";
        string[] versions =
        [
            .. Directory.EnumerateFiles(feed, $"{Sdk}*.nupkg").Select(file => Path.GetFileNameWithoutExtension(file)[Sdk.Length..])
                .Where(version => char.IsAsciiDigit(version[0])),
        ];
        return versions.Contains(Carried.PackageVersion) ? Carried.PackageVersion : versions is [var only] ? only
            : throw new ConfigurationException(
                $"TITER657 {feed} has {(versions.Length == 0 ? "no package" : "several packages, and none of this version,")} of Titer.Sdk. "
                    + "Name the folder that 'dotnet pack' wrote to.");
    }

    /// <exception cref="ConfigurationException">The program carries no packages, and no folder of them was named.</exception>
    public static string Of(TiterHome home, string? named)
    {
        if (named is not null)
        {
            return Directory.Exists(named) ? Path.GetFullPath(named)
                : throw new ConfigurationException($"TITER657 There is no folder {named} with packages. Name the one that 'dotnet pack' wrote to.");
        }

        return Ensure(home) ?? throw new ConfigurationException(
            "TITER657 This titer was built in a clone and carries no packages for a project outside of it. Make them with 'dotnet pack "
            + "src/Titer.Cli -o FEED' and name them with --feed FEED, or make the project in the clone with 'dotnet new'.");
    }
}
