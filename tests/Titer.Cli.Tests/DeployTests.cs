using System.Text.RegularExpressions;

namespace Titer.Cli.Tests;

/// <summary>What operators take from src/deploy: the recipe of an image and the unit of a service.</summary>
public sealed partial class DeployTests
{
    private static readonly string Folder = Path.Combine(TestRepository.Root, "src", "deploy");

    [Fact]
    public void The_recipe_of_the_image_has_no_fault_that_can_be_seen_without_an_engine()
    {
        var recipe = File.ReadAllText(Path.Combine(Folder, "Containerfile"));
        // The archive is made by the command that its first lines say.
        var made = Published().Match(recipe).Groups[1].Value;
        Assert.Empty(ContainerfileLint.Faults(recipe, source => source == made));
        Assert.Equal(["BASE", "ARCHIVE", "PACKAGES"], ContainerfileLint.Instructions(recipe).Where(l => l.Word == "ARG")
            .Select(l => l.Said.Split('=')[0]));
    }

    [Theory]
    [InlineData("FROM debian", "debian names no version")]
    [InlineData("FROM debian:latest", "debian:latest names no version")]
    [InlineData("ARG BASE=debian:12\nFROM ${BASE}\nARG LEFT=1", "nothing uses the argument LEFT")]
    [InlineData("FROM debian:12\nRUN echo ${WHAT}", "WHAT is no argument")]
    [InlineData("FROM debian:12\nCOPY nothing.txt /opt/", "nothing.txt is not there")]
    [InlineData("FROM debian:12\nRUN apt-get install -y git", "it keeps the lists of packages")]
    [InlineData("FROM debian:12\nRUN apt-get install -y git", "it installs from lists of an older layer")]
    [InlineData("FROM debian:12\nRUN apt-get update && apt-get install \\\n  git", "it installs what is only recommended")]
    [InlineData("FROM debian:12\nUSER titer\nUSER root", "its process is root")]
    [InlineData("FROM debian:12\nCMD titer doctor", "CMD titer doctor starts a shell, which passes no signal on")]
    [InlineData("FROM debian:12\nINSTALL git", "INSTALL is no instruction")]
    [InlineData("RUN true", "it has no FROM")]
    public void A_recipe_with_a_fault_is_seen(string recipe, string fault) =>
        Assert.Contains(fault, ContainerfileLint.Faults(recipe, _ => false));

    [Fact]
    public void The_image_starts_what_the_archive_has_with_a_command_that_titer_knows()
    {
        var recipe = ContainerfileLint.Instructions(File.ReadAllText(Path.Combine(Folder, "Containerfile")));
        var publish = File.ReadAllText(Path.Combine(TestRepository.Root, "src", "publish"));
        // Its folder, and the launcher in it.
        Assert.Contains("name=titer-$version-linux-x64", publish, StringComparison.Ordinal);
        Assert.Contains("cat > \"$root/titer\"", publish, StringComparison.Ordinal);
        Assert.Contains(recipe, l => l.Word == "ADD" && l.Said == "${ARCHIVE} /opt/");
        Assert.Contains(recipe,
            l => l.Word == "RUN" && l.Said.StartsWith("ln -s /opt/titer-*/titer /usr/local/bin/titer ", StringComparison.Ordinal));
        Assert.Equal("[\"titer\"]", recipe.Single(l => l.Word == "ENTRYPOINT").Said);
        var words = recipe.Single(l => l.Word == "CMD").Said.Trim('[', ']').Split(',').Select(w => w.Trim(' ', '"')).ToArray();
        Assert.Empty(DocumentedCommandsTests.Root().Parse(words).Errors);
    }

    [Fact]
    public void The_commands_of_the_recipe_are_those_of_titer()
    {
        var commands = Run().Matches(File.ReadAllText(Path.Combine(Folder, "Containerfile"))).Select(m => m.Groups[1].Value.Split(' ')).ToArray();
        Assert.Equal(3, commands.Length);
        Assert.All(commands, command => Assert.Empty(DocumentedCommandsTests.Root().Parse(command).Errors));
    }

    [Fact]
    public void The_unit_of_the_service_starts_a_league_as_a_user_and_stops_it_by_draining()
    {
        var unit = File.ReadAllLines(Path.Combine(Folder, "titer-league@.service"))
            .Where(l => l.Contains('=', StringComparison.Ordinal) && l[0] != '#')
            .Select(l => l.Split('=', 2)).ToLookup(l => l[0], l => l[1]);
        var start = unit["ExecStart"].Single().Split(' ');
        Assert.True(Path.IsPathRooted(start[0]), $"{start[0]} is looked for nowhere: a unit names its program by its path");
        var parsed = DocumentedCommandsTests.Root().Parse(start[1..]);
        Assert.Empty(parsed.Errors);
        Assert.Equal("serve", parsed.CommandResult.Command.Name);
        Assert.DoesNotContain(unit["User"].Single(), new[] { "", "root", "0" });
        // The host says that it is ready (SupervisorNotice), and SIGTERM goes to it alone: workers end with their phases.
        Assert.Equal(("notify", "mixed", "infinity"), (unit["Type"].Single(), unit["KillMode"].Single(), unit["TimeoutStopSec"].Single()));
        Assert.Equal("2", unit["RestartPreventExitStatus"].Single());
        Assert.All(unit["Environment"].Single().Split(' ').Where(e => e.StartsWith("TITER_HOME=", StringComparison.Ordinal)), home =>
            Assert.StartsWith($"TITER_HOME={unit["ReadWritePaths"].Single()}/", home, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^#\s+src/publish (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Published();

    /// <summary>What stands behind the image's name.</summary>
    [GeneratedRegex(@"^#\s+podman run .* titer(?:-\w+)? (run .*)$", RegexOptions.Multiline)]
    private static partial Regex Run();
}
