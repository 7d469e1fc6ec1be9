using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Titer.PublicApi.Tests;

/// <summary>Who may know whom. Read from the sources: a rule that is broken names the file that breaks it.</summary>
public sealed partial class LayersTests
{
    private static readonly string Repository = TestRepository.Root;

    /// <summary>References of each project, and no others; test projects and plugins have rules of their own.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["sdk/Titer.Sdk"] = [],
        ["sdk/Titer.Sdk.Testing"] = ["Titer.Runtime", "Titer.Sdk"],
        ["sdk/Titer.Sdk.Testing.Xunit"] = ["Titer.Sdk.Testing"],
        ["src/Titer.Files"] = [],
        ["src/Titer.Tournament"] = [],
        ["src/Titer.Plugins"] = ["Titer.Files", "Titer.Sdk"],
        ["src/Titer.Models"] = ["Titer.Files", "Titer.Sdk"],
        ["src/Titer.Scenarios"] = ["Titer.Models", "Titer.Tournament"],
        ["src/Titer.Rubric"] = ["Titer.Files", "Titer.Sdk"],
        ["src/Titer.Runtime"] = ["Titer.Plugins", "Titer.Scenarios", "Titer.Tournament"],
        ["src/Titer.Worker"] = ["Titer.Runtime"],
        ["src/Titer.League"] = ["Titer.Runtime"],
        ["src/Titer.View"] = ["Titer.Runtime"],
        ["src/Titer.Cli"] = ["Titer.League", "Titer.Runtime", "Titer.Rubric", "Titer.View", "Titer.Worker"],
    };

    [Fact]
    public void Projects_reference_what_they_may_and_nothing_else()
    {
        var found = Allowed.Keys.ToDictionary(p => p,
            p => References(p, "ProjectReference").Select(Path.GetFileNameWithoutExtension)
                .Where(n => !n!.Contains('*', StringComparison.Ordinal) && !n.StartsWith("@(", StringComparison.Ordinal)).ToArray());
        Assert.All(found, p => Assert.True(p.Value.All(r => Allowed[p.Key].Contains(r)),
            $"{p.Key} references {string.Join(", ", p.Value.Except(Allowed[p.Key]))}"));
        string[] all = [.. Directory.GetDirectories(Path.Combine(Repository, "src"))
            .Concat(Directory.GetDirectories(Path.Combine(Repository, "sdk"))).Select(d => Path.GetRelativePath(Repository, d))
            .Where(d => Directory.GetFiles(Path.Combine(Repository, d), "*.csproj").Length > 0)];
        Assert.Equal(Allowed.Keys.Order(), all.Order());
    }

    [Fact]
    public void Plugins_reference_the_SDK_alone() =>
        Assert.All(Directory.GetFiles(Path.Combine(Repository, "plugins"), "*.csproj", SearchOption.AllDirectories), file =>
            Assert.True(!File.ReadAllText(file).Contains("Reference", StringComparison.Ordinal),
                $"{file} references something beside what plugins/Directory.Build.props gives it"));

    [Fact]
    public void Of_the_room_that_plays_an_author_sees_what_a_conformance_check_said_and_nothing_else() =>
        Assert.Equal(["ConformanceCheck", "ConformanceFinding", "ConformanceOutcome"],
            typeof(Runtime.Conformance.ConformanceCheck).Assembly.GetExportedTypes().Select(t => t.Name).Order());

    [Fact]
    public void The_tournament_is_pure()
    {
        Assert.Equal(["MathNet.Numerics"], References("src/Titer.Tournament", "PackageReference"));
        AssertNowhere("src/Titer.Tournament", InputOrOutput(), "reads or writes something outside of it");
        AssertNowhere("src/Titer.Tournament", MutableStatic(), "has a mutable static");
    }

    [Fact]
    public void Only_the_plugin_room_names_containers_scopes_load_contexts_and_packages()
    {
        foreach (var project in Allowed.Keys.Where(p => p != "src/Titer.Plugins"))
        {
            // Composition roots build their host with Autofac; scopes they leave alone.
            AssertNowhere(project, PluginLoading(), "loads plugins by itself");
            if (project is not ("src/Titer.Cli" or "src/Titer.Worker")) AssertNowhere(project, Autofac(), "names Autofac");
        }
    }

    [Fact]
    public void No_two_namespaces_of_a_project_need_each_other()
    {
        foreach (var project in Allowed.Keys)
        {
            var uses = Sources(project).Select(file => (File: file, Text: File.ReadAllText(file)))
                .Select(s =>
                    (s.File, Own: Namespace().Match(s.Text).Groups[1].Value, Used: Using().Matches(s.Text).Select(m => m.Groups[1].Value).ToArray()))
                .Where(s => s.Own.Length > 0).ToArray();
            var graph = uses.GroupBy(u => u.Own)
                .ToDictionary(g => g.Key, g => g.SelectMany(u => u.Used).Where(n => n != g.Key && !AreNested(n, g.Key)).ToHashSet());
            foreach (var (own, used) in graph)
            {
                foreach (var other in used.Where(graph.ContainsKey))
                    Assert.False(Reaches(graph, other, own),
                        $"{own} and {other} need each "
                            + $"other: {string.Join(", ",
                                uses.Where(u => u.Own == own && u.Used.Contains(other)).Select(u => Path.GetFileName(u.File)))}");
            }
        }
    }

    [Fact]
    public void A_folder_is_a_namespace()
    {
        foreach (var project in Allowed.Keys)
        {
            var root = Path.GetFileName(project);
            foreach (var file in Sources(project).Where(f => Namespace().IsMatch(File.ReadAllText(f))))
            {
                var folder = Path.GetDirectoryName(Path.GetRelativePath(Path.Combine(Repository, project), file))!.Replace('/', '.');
                Assert.Equal(($"{root}.{folder}".TrimEnd('.'), file), (Namespace().Match(File.ReadAllText(file)).Groups[1].Value, file));
            }
        }
    }

    [Fact]
    public void What_all_tests_need_is_in_one_project_that_knows_nothing_of_what_is_tested()
    {
        Assert.Empty(References("tests/Titer.TestSupport", "ProjectReference"));
        Assert.All(Directory.GetDirectories(Path.Combine(Repository, "tests"), "*.Tests").Select(d => Path.GetRelativePath(Repository, d)),
            project =>
            AssertNowhere(project, OwnSupport(), "has of its own what Titer.TestSupport is for"));
    }

    [Fact]
    public void Only_programs_write_to_the_console() =>
        Assert.All(Allowed.Keys.Where(p => p is not ("src/Titer.Cli" or "src/Titer.Worker")), project =>
            AssertNowhere(project, ConsoleWriting(), "writes to the console of a program that it does not know"));

    private static bool AreNested(string a, string b) =>
        a.StartsWith(b + ".", StringComparison.Ordinal) || b.StartsWith(a + ".", StringComparison.Ordinal);

    private static bool Reaches(Dictionary<string, HashSet<string>> graph, string from, string to)
    {
        var seen = new HashSet<string>();
        var next = new Stack<string>([from]);
        while (next.TryPop(out var at))
        {
            if (at == to) return true;
            if (seen.Add(at) && graph.TryGetValue(at, out var used)) foreach (var n in used) next.Push(n);
        }

        return false;
    }

    private static void AssertNowhere(string project, Regex pattern, string fault) => Assert.All(Sources(project), file =>
    {
        var line = File.ReadLines(file).FirstOrDefault(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal) && pattern.IsMatch(l));
        Assert.True(line is null, $"{file} {fault}: {line?.Trim()}");
    });

    private static string[] References(string project, string kind) =>
        [.. XDocument.Load(Directory.GetFiles(Path.Combine(Repository, project), "*.csproj").Single()).Descendants(kind)
            .Select(r => (string)r.Attribute("Include")!)];

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Path.Combine(Repository, project), "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    [GeneratedRegex(@"\bConsole\.(Write|(Out|Error)\.Write)")]
    private static partial Regex ConsoleWriting();

    /// <summary>Finding the clone, and what lies beside it.</summary>
    [GeneratedRegex(@"Combine\(.*""(Host\.sln|shared)""")]
    private static partial Regex OwnSupport();

    [GeneratedRegex(@"\b(File|Directory|Console|Environment|Process|Socket|HttpClient)\.[A-Z]|\bnew FileStream\b|\bDateTime(Offset)?\.(Utc)?Now\b")]
    private static partial Regex InputOrOutput();

    [GeneratedRegex(@"^\s*(public|internal|private|protected)?\s*static (?!readonly|class|partial|"
        + @"async|extern|implicit|explicit)[\w<>\[\],.? ()]+ _?\w+( =[^>].*)?;\s*$|static readonly (Concurrent)?(Dictionary|List|HashSet|Queue|Stack|Bag)")]
    private static partial Regex MutableStatic();

    [GeneratedRegex(@"\bILifetimeScope\b|\bPluginLoader\b|\bAssemblyLoadContext\b|\busing McMaster\b|\busing NuGet\b")]
    private static partial Regex PluginLoading();

    [GeneratedRegex(@"\busing Autofac\b")]
    private static partial Regex Autofac();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using ([A-Z][\w.]*);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
