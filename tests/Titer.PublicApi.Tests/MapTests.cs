using System.Text.RegularExpressions;

namespace Titer.PublicApi.Tests;

/// <summary>The pages that say where things are: a page that names what is not there, or leaves a room out, is no map.</summary>
public sealed partial class MapTests
{
    private const string Map = "src/README.md";
    private const string CommandLinePage = "src/Titer.Cli/README.md";

    internal static readonly string Repository = TestRepository.Root;

    /// <summary>Files of the repository, as paths from its root; what a build leaves is none.</summary>
    internal static readonly string[] Files = [.. FilesBelow(Repository).Select(FromRoot)];

    /// <summary>Files and the folders that they lie in.</summary>
    private static readonly HashSet<string> Paths = [.. Files.SelectMany(WithFolders)];

    public static TheoryData<string> Pages() => new(Files.Where(IsPage));

    [Fact]
    public void The_pages_are_there()
    {
        string[] pages =
        [
            "README.md", "tests/README.md", Map, "src/CHANGELOG.md", CommandLinePage,
            "src/Titer.Scenarios/README.md", "src/Titer.Tournament/README.md",
        ];
        Assert.All(pages, page => Assert.True(Files.Contains(page) && IsPage(page), $"{page} is missing"));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_source_file_that_a_page_names_exists(string page)
    {
        var missing = SourceFile().Matches(Text(page)).Select(m => m.Value).Distinct()
            .Where(name => !Files.Any(f => f == name || f.EndsWith("/" + name, StringComparison.Ordinal))).ToArray();
        Assert.True(missing.Length == 0, $"{page} names files that are not there: {string.Join(", ", missing)}");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_path_that_a_page_names_exists(string page)
    {
        var missing = RepositoryPath().Matches(Text(page)).Select(m => m.Value.TrimEnd('/', '.')).Distinct()
            .Where(path => !Paths.Contains(path)).ToArray();
        Assert.True(missing.Length == 0, $"{page} names paths that are not there: {string.Join(", ", missing)}");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_of_a_page_leads_somewhere(string page)
    {
        var folder = Path.GetDirectoryName(page)!;
        var broken = Link().Matches(Text(page)).Select(m => m.Groups[1].Value).Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Leads(page, folder, target)).ToArray();
        Assert.True(broken.Length == 0, $"Links of {page} lead nowhere: {string.Join(", ", broken)}");
    }

    [Fact]
    public void Every_room_is_on_the_map_and_no_other()
    {
        var sections = Section().Matches(Text(Map))
            .ToDictionary(m => m.Groups[1].Value, m => Room().Matches(m.Groups[2].Value).Select(r => r.Groups[1].Value).ToArray());
        var projects = Projects().ToDictionary(f => Path.GetFileNameWithoutExtension(f), f => f[..(f.LastIndexOf('/') + 1)]);
        Assert.Equal(projects.Keys.Order(), sections.Keys.Order());
        Assert.All(projects, project =>
        {
            var folders = Sources(project.Value).Select(f => f[project.Value.Length..(f.LastIndexOf('/') + 1)].TrimEnd('/'))
                .Where(f => f.Length > 0);
            Assert.Equal((project.Key, Listed(folders)), (project.Key, Listed(sections[project.Key])));
        });
    }

    [Fact]
    public void The_graph_is_that_of_the_projects()
    {
        var drawn = Edge().Matches(Text(Map))
            .ToDictionary(m => m.Groups[1].Value, m => Listed(ProjectName().Matches(m.Groups[2].Value).Select(r => r.Value)));
        var projects = Projects()
            .ToDictionary(f => Path.GetFileNameWithoutExtension(f), f => Listed(Reference().Matches(Text(f)).Select(m => m.Groups[1].Value)));
        Assert.Equal(projects.OrderBy(p => p.Key, StringComparer.Ordinal), drawn.OrderBy(p => p.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void The_words_of_the_map_are_types_of_the_sources()
    {
        var types = Sources("src/").SelectMany(f => TypeName().Matches(Text(f))).Select(m => m.Groups[1].Value).ToHashSet();
        var words = Word().Matches(Text(Map)).SelectMany(row => TypeInRow().Matches(row.Groups[1].Value)).Select(m => m.Groups[1].Value).ToArray();
        Assert.NotEmpty(words);
        Assert.All(words, word => Assert.True(types.Contains(word), $"{Map} explains {word}, and no type has that name"));
    }

    [Fact]
    public void The_map_names_the_tests_that_guard_the_layers()
    {
        var named = TestName().Matches(Text(Map)).Select(m => m.Groups[1].Value).Order();
        var facts = Fact().Matches(Text("tests/Titer.PublicApi.Tests/LayersTests.cs")).Select(m => m.Groups[1].Value).Order();
        Assert.Equal(facts, named);
    }

    [Fact]
    public void Comments_cite_pages_that_are_in_the_repository()
    {
        // Spelt apart, or this line would be one of them.
        const string elsewhere = "DES" + "IGN";
        string[] roots = ["src/", "sdk/", "plugins/", "plugin-template/", "tests/"];
        Assert.All(roots.SelectMany(Sources), file =>
        {
            foreach (var line in Text(file).Split('\n').Where(l => l.Contains("//", StringComparison.Ordinal)))
            {
                Assert.False(line.Contains(elsewhere, StringComparison.Ordinal), $"{file} cites a {elsewhere} that is not here: {line.Trim()}");
                Assert.All(CitedPage().Matches(line), m => Assert.True(Paths.Contains(m.Value), $"{file} cites {m.Value}, which is not here"));
            }
        });
    }

    [Fact]
    public void The_page_of_the_command_line_has_every_exit_code_and_every_verb()
    {
        var page = Text(CommandLinePage);
        var codes = ExitCode().Matches(Text("src/Titer.Cli/Commands/ExitCodes.cs")).Select(m => m.Groups[1].Value);
        Assert.Equal(codes, ExitCodeRow().Matches(page).Select(m => m.Groups[1].Value));
        var spans = CodeSpan().Matches(page).SelectMany(m => m.Groups[1].Value.Split(' ')).ToHashSet();
        var verbs = Sources("src/Titer.Cli/").SelectMany(f => Verb().Matches(Text(f))).Select(m => m.Groups[1].Value).ToArray();
        Assert.NotEmpty(verbs);
        Assert.All(verbs, verb => Assert.True(spans.Contains(verb), $"{CommandLinePage} does not have the verb {verb}"));
    }

    private static IEnumerable<string> Projects() =>
        Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) && f.Split('/') is ["src" or "sdk", _, _]);

    private static IEnumerable<string> Sources(string below) =>
        Files.Where(f => f.StartsWith(below, StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal));

    private static bool IsPage(string file) => file is "README.md" or "tests/README.md" or Map or "src/CHANGELOG.md"
        || (file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith("/README.md", StringComparison.Ordinal));

    private static bool Leads(string page, string folder, string target)
    {
        var parts = target.Split('#', 2);
        var path = parts[0].Length == 0 ? page : FromRoot(Path.Combine(Repository, folder, parts[0])).TrimEnd('/');
        if (!Paths.Contains(path)) return false;
        return parts.Length == 1 || Heading().Matches(Text(path)).Any(h => Anchor(h.Groups[1].Value) == parts[1]);
    }

    /// <summary>As GitHub makes it.</summary>
    private static string Anchor(string heading) =>
        string.Concat(heading.Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    private static string Listed(IEnumerable<string> folders) => string.Join(' ', folders.Distinct().Order(StringComparer.Ordinal));

    private static string FromRoot(string path) => Path.GetRelativePath(Repository, path).Replace('\\', '/');

    private static string Text(string path) => File.ReadAllText(Path.Combine(Repository, path));

    private static IEnumerable<string> WithFolders(string file)
    {
        for (var path = file; path.Length > 0; path = Path.GetDirectoryName(path)!.Replace('\\', '/')) yield return path;
    }

    private static IEnumerable<string> FilesBelow(string folder) => Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder)
        .Where(d => Path.GetFileName(d) is not (".git" or "artifacts" or "bin" or "obj" or "results" or "feed")).SelectMany(FilesBelow));

    [GeneratedRegex(@"[\w./-]*\w\.(?:cs|csproj|props|targets|py|approved\.txt)\b")]
    private static partial Regex SourceFile();

    /// <summary>A path from the root; what stands behind a slash or a letter is the middle of another one.</summary>
    [GeneratedRegex(@"(?<![\w./$~-])(?:src|sdk|plugins|tests|plugin-template|\.ci)/[\w./-]*")]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^### (Titer\.[\w.]+)\n(.*?)(?=^#)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    /// <summary>A line of the graph.</summary>
    [GeneratedRegex(@"^(Titer\.[\w.]+) +->  (.+)$", RegexOptions.Multiline)]
    private static partial Regex Edge();

    [GeneratedRegex(@"Titer\.[\w.]+")]
    private static partial Regex ProjectName();

    [GeneratedRegex(@"<ProjectReference Include=""[^""]*?([\w.]+)\.csproj""")]
    private static partial Regex Reference();

    /// <summary>A room of a project: a folder at the beginning of a line of its list.</summary>
    [GeneratedRegex(@"(?<=^- (?:`[\w/]+/`, )*)`([\w/]+)/`", RegexOptions.Multiline)]
    private static partial Regex Room();

    /// <summary>The last column of a table of three.</summary>
    [GeneratedRegex(@"^\|[^|\n]+\|[^|\n]+\|([^|\n]+)\|$", RegexOptions.Multiline)]
    private static partial Regex Word();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex TypeInRow();

    [GeneratedRegex(@"\b(?:class|record|enum|struct|interface) (\w+)")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"(?<![\w./])(?:[\w.-]+/)+(?:README|CHANGELOG|RESULTS)\.md")]
    private static partial Regex CitedPage();

    [GeneratedRegex(@"public const int \w+ = (\d+);")]
    private static partial Regex ExitCode();

    [GeneratedRegex(@"^\| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex ExitCodeRow();

    [GeneratedRegex("`([^`\\n]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("new Command\\(\"([\\w-]+)\"")]
    private static partial Regex Verb();

    [GeneratedRegex(@"`LayersTests\.cs`: `(\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\[Fact\]\s+public void (\w+)\(")]
    private static partial Regex Fact();
}
