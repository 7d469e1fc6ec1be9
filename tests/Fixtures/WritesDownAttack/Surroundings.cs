using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;

namespace WritesDown;

/// <summary>
/// Everything that a plugin can see of where it is, as lines of name and text. What is drawn by chance for every process is written as a star:
/// names of folders and files, and the worker's mark.
/// </summary>
internal static partial class Surroundings
{
    public const string Mark = "left-behind-by-a-plugin";

    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>As it was started, and what is around it: before it is known what for.</summary>
    public static IEnumerable<(string Name, string Text)> Process()
    {
        yield return ("arguments", File.ReadAllText("/proc/self/cmdline").Replace('\0', ' '));
        yield return ("environment", string.Join(' ', Environment.GetEnvironmentVariables().Keys.Cast<string>().Order(StringComparer.Ordinal)
            .Select(name => $"{name}={Environment.GetEnvironmentVariable(name)}")));
        yield return ("working folder", Environment.CurrentDirectory);
        yield return ("home", string.Join(' ', Names(Environment.GetEnvironmentVariable("HOME") ?? "")));
        yield return ("shared memory", string.Join(' ', Names("/dev/shm")));
        // Without the numbers of mounts and devices.
        yield return ("mounts", string.Join('\n', File.ReadLines("/proc/self/mountinfo").Select(l => string.Join(' ', l.Split(' ').Skip(3)))));
        yield return ("limits", File.ReadAllText("/proc/self/limits"));
        yield return ("status", string.Join(' ', File.ReadLines("/proc/self/status").Where(l => Status().IsMatch(l))));
        yield return ("processes", string.Join(' ', Directory.GetDirectories("/proc").Select(Path.GetFileName)
            .Where(p => int.TryParse(p, out _)).Select(p => File.ReadAllText($"/proc/{p}/comm").Trim()).Order(StringComparer.Ordinal)));
        yield return ("host name", $"{Environment.MachineName} {Environment.ProcessorCount}");
        yield return ("memory", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes.ToString(CultureInfo.InvariantCulture));
        yield return ("culture", $"{CultureInfo.CurrentCulture.Name} {TimeZoneInfo.Local.Id} {Stopwatch.Frequency}");
    }

    /// <summary>
    /// Whether a check looks, which only who takes the host's own objects apart can tell: behind the log of a phase is its worker.
    /// </summary>
    public static bool IsCheck(ILogger log) => log.GetType().GetFields(Any).Select(f => f.GetValue(log)).OfType<object>()
        .Any(o => o.GetType().Name == "ConformanceTrial");

    /// <summary>Of the lines of a match those that are the same for all seeds, and need no look into the host's objects.</summary>
    public static IEnumerable<(string Name, string Text)> Plain(IEnumerable<(string Name, string Text)> match) =>
        match.Where(l => l.Name is "budget" or "clock" or "model" or "rows" or "objects" or "callers" or "assemblies");

    /// <summary>For a finding, which quotes what is printed.</summary>
    public static void Print(IEnumerable<(string Name, string Text)> process, IEnumerable<(string Name, string Text)> match) =>
        Console.WriteLine($"process {Hash(process)} match {Hash(Plain(match))}");

    /// <summary>What it is given to play with.</summary>
    public static IEnumerable<(string Name, string Text)> Match(object context, CausalLanguageModel model, BudgetMeter budget, SeededRandom random,
        IEnumerable<TokenizedExample> rows, params object[] others)
    {
        yield return ("budget", budget.Limit.ToString());
        yield return ("clock", budget.GetType().GetField("_clock", Any)!.GetValue(budget)!.GetType().FullName!);
        yield return ("model", $"{model.GetType().FullName} {model.Shape} {Hash(model.Arena.Flat.bytes)}");
        yield return ("randomness", string.Join(' ', Enumerable.Range(0, 4).Select(_ => random.Next(1_000_000))));
        yield return ("rows", Hash(Encoding.UTF8.GetBytes(string.Join('\n', rows.Select(r => $"{r.Id} {r.Domain} {r.Prompt} {r.Answer}")))));
        yield return ("objects", string.Join(' ', others.Select(o => o.GetType().FullName)));
        yield return ("order", string.Join(' ', Orders(context)));
        yield return ("assemblies", string.Join(' ', AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name)
            .Where(n => n!.StartsWith("Titer", StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
        yield return ("callers", string.Join(' ', new StackTrace().GetFrames().Select(f => f.GetMethod()?.DeclaringType?.FullName)
            .Where(n => n?.StartsWith("Titer", StringComparison.Ordinal) == true)));
        yield return ("files", string.Join('\n', Files(Path.GetDirectoryName(Path.GetTempPath().TrimEnd('/'))!)));
    }

    /// <summary>What an earlier phase left where a plugin can write to, or said that it had: nothing, where walls are.</summary>
    public static IEnumerable<string> Marks() => Places().Where(p => File.Exists(Path.Combine(p, Mark)))
        .Concat(Environment.GetEnvironmentVariable(Mark) is null ? [] : ["environment"])
        .Concat(AppDomain.CurrentDomain.GetData(Mark) is null ? [] : ["process"]);

    /// <summary>Leaves its mark wherever it can, and says where.</summary>
    public static IEnumerable<string> Leave()
    {
        Environment.SetEnvironmentVariable(Mark, "1");
        AppDomain.CurrentDomain.SetData(Mark, "1");
        foreach (var place in Places())
        {
            var wrote = false;
            try
            {
                Directory.CreateDirectory(place);
                File.WriteAllText(Path.Combine(place, Mark), "1");
                wrote = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Denied.
            }

            if (wrote) yield return place;
        }
    }

    public static void Write(ILogger log, IEnumerable<(string Name, string Text)> lines)
    {
        foreach (var (name, text) in lines) log.LogInformation("saw {Name}: {Text}", name, Stars(text));
    }

    public static string Hash(IEnumerable<(string Name, string Text)> lines) =>
        Hash(Encoding.UTF8.GetBytes(string.Join('\n', lines.Select(l => $"{l.Name}: {Stars(l.Text)}"))));

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];

    private static string Stars(string text) => ByChance().Replace(text, "*");

    private static IEnumerable<string> Places() =>
    [
        Environment.GetEnvironmentVariable("HOME") ?? "/", "/tmp", "/dev/shm", "/var/tmp", "/run", Path.GetTempPath(), Environment.CurrentDirectory,
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? "/", Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? "/",
        AppContext.BaseDirectory, Path.GetDirectoryName(typeof(Surroundings).Assembly.Location)!,
    ];

    /// <summary>The host's own orders that hang on what a plugin is given.</summary>
    private static IEnumerable<string> Orders(object context)
    {
        var queue = new Queue<(object Value, int Depth)>([(context, 0)]);
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        while (queue.TryDequeue(out var next))
        {
            if (!seen.Add(next.Value)) continue;
            if (next.Value.GetType().Name == "PhaseOrder") yield return next.Value.ToString()!;
            if (next.Depth > 4) continue;
            var inner = next.Value is Delegate { Target: { } target } ? [target]
                : next.Value.GetType().GetFields(Any).Where(f => !f.FieldType.IsPrimitive && !f.FieldType.IsPointer && !f.FieldType.IsByRefLike)
                    .Select(f => f.GetValue(next.Value));
            foreach (var value in inner) if (value is not null and not string) queue.Enqueue((value, next.Depth + 1));
        }
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder).Order(StringComparer.Ordinal) : [];

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(f => (Name: Stars(f), new FileInfo(f).Length)).Select(f => $"{f.Name} {f.Length}").Order(StringComparer.Ordinal);

    [GeneratedRegex("^(Uid|Gid|NSpid|NoNewPrivs|Seccomp|Cap)")]
    private static partial Regex Status();

    /// <summary>The host's temporary folder and one in it, and 32 digits.</summary>
    [GeneratedRegex("(?<=titer-)[A-Za-z0-9]{6}|(?<=titer-......)/[0-9a-f]{8}(?=/|$)|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")]
    private static partial Regex ByChance();
}
