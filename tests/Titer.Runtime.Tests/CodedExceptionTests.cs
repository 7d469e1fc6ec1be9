using Titer.Files;
using Titer.Files.Codes;
using Titer.Models.Checkpoints;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.Scenarios;
using Titer.Scenarios.Yaml;

namespace Titer.Runtime.Tests;

/// <summary>Exceptions of Titer's own say their code as a value; nobody reads it out of their messages.</summary>
public sealed class CodedExceptionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    /// <summary>The exception, its code, and its message without it.</summary>
    public static TheoryData<Exception, string, string> Own { get; } = new()
    {
        { new ConfigurationException("TITER617 'x' names no metric."), "TITER617", "'x' names no metric." },
        { new ConfigurationException("t.yaml", 2, 17, "TITER614 The sweep has 2 tries."), "TITER614", "t.yaml:2:17: The sweep has 2 tries." },
        { new ScenarioException("s.yaml", 3, 1, "TITER504 The key 'id' is missing."), "TITER504", "s.yaml:3:1: The key 'id' is missing." },
        { new ScenarioException("TITER520 None that is known: TITER539 It refuses."), "TITER520", "None that is known: TITER539 It refuses." },
        { new YamlProblemException(new YamlProblem("a: b", 0, 0, "TITER510 There is no such file.")), "TITER510", "a: b: There is no such file." },
        { new CheckpointException("TITER410 x: no such file."), "TITER410", "x: no such file." },
        { new NativeTorchException("TITER402 No libtorch."), "TITER402", "No libtorch." },
        { new WorkerProtectionException("TITER613 --sandbox on: no."), "TITER613", "--sandbox on: no." },
        { new MachineFaultException(MachineFaultException.DiskCode, "It is full."), "TITER232", "It is full." },
        { new WorkerStartException("It ended."), "TITER206", "It ended." },
        { new FileRefusalException("TITER231 x cannot be written."), "TITER231", "x cannot be written." },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Own), DisableDiscoveryEnumeration = true)]
    public void The_code_is_a_value_and_the_text_is_the_message_without_it(Exception exception, string code, string text)
    {
        var coded = Assert.IsType<ICoded>(exception, exactMatch: false);

        Assert.Equal((code, text), (coded.Code, coded.Text));
    }

    [Fact]
    public void Files_that_are_damaged_or_missing_are_refused_with_their_codes()
    {
        var file = Path.Combine(_folder, "file");
        Assert.Equal("TITER410", Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(file)).Code);
        Assert.Equal("TITER611", Assert.Throws<FileRefusalException>(() => RunFolder.OpenToRead(file)).Code);

        File.WriteAllText(file, "{ \"cut off");
        Assert.Equal("TITER509", Assert.Throws<ScenarioException>(() => ScenarioPart.Read(file)).Code);
        Assert.StartsWith("TITER216", Assert.Throws<InvalidDataException>(() => SampleFile.Read(file)).Message, StringComparison.Ordinal);
        Assert.StartsWith("TITER221", Assert.Throws<InvalidDataException>(() => new Quarantine(file).Entries()).Message, StringComparison.Ordinal);
    }
}
