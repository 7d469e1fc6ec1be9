using System.Globalization;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Metadata;
using Titer.Sdk;

namespace Titer.Runtime.Tests.Plugins;

/// <summary>Every refusal of the gate, each caused by a real file.</summary>
public sealed class PluginGateTests : IDisposable
{
    private const string Attribute = "[assembly: TiterPlugin(\"made_up\", 1)]";
    private const string Defense = "public sealed class D : IDefense { public void Immunize(DefenseContext context) { } }";

    private static readonly PluginGate Gate = new();

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_good_plugin_is_accepted_with_all_its_facts()
    {
        var verdict = Gate.Inspect(FixtureFolder.Of("GoodDefense"));

        Assert.Empty(verdict.Problems);
        var manifest = verdict.Plugin!.Manifest;
        Assert.Equal(("good_defense", PluginKind.Defense, "GoodDefense.ScalingDefense", 1),
            (manifest.Id, manifest.Kind, manifest.EntryType, manifest.ApiLevel));
        Assert.Equal(("Scales every weight by one factor.", "none", "GoodDefense"), (manifest.Summary, manifest.Paper, manifest.AssemblyName));
        Assert.StartsWith("0.1.0", manifest.Version, StringComparison.Ordinal);
        Assert.Equal(".NETCoreApp,Version=v10.0", manifest.TargetFramework);
        Assert.Equal("GoodDefense.ScalingOptions", manifest.OptionsType);
        Assert.Contains(new ReferencedAssembly("Titer.Sdk", new Version(1, 0, 0, 0)), manifest.References);
        Assert.Equal(64, manifest.ContentHash.Length);
    }

    [Fact]
    public void The_dll_may_be_named_instead_of_its_folder() =>
        Assert.Equal("good_defense", Gate.Inspect(Path.Combine(FixtureFolder.Of("GoodDefense"), "GoodDefense.dll")).Plugin?.Manifest.Id);

    [Fact]
    public void What_an_attack_trains_on_is_read_from_its_attribute()
    {
        var manifest = Gate.Inspect(FixtureFolder.Of("UndeclaredData")).Plugin!.Manifest;
        Assert.Equal((PluginKind.Attack, TrainingData.Benign), (manifest.Kind, manifest.TrainsOn));
    }

    [Theory]
    [InlineData("ApiTooNew", PluginProblemCode.ApiTooNew, "'api_too_new' was built for SDK API 99; this host speaks 1.")]
    [InlineData("NotAPlugin", PluginProblemCode.NotAPlugin, "declares a plugin")]
    [InlineData("TwoEntryTypes", PluginProblemCode.SeveralEntryTypes, "TwoEntryTypes.FirstDefense (Defense), TwoEntryTypes.SecondDefense (Defense)")]
    [InlineData("ShipsSdk", PluginProblemCode.SdkCopied, "Titer.Sdk.dll")]
    [InlineData("NoSuchFolder", PluginProblemCode.FolderMissing, "NoSuchFolder")]
    public void Fixtures_with_one_mistake_are_refused_for_it(string fixture, string code, string fact) =>
        Refused(FixtureFolder.Of(fixture), code, fact);

    [Fact]
    public void Garbage_is_unreadable()
    {
        var dll = Path.Combine(_folder.CopyOf("GoodDefense", "garbage"), "GoodDefense.dll");
        File.WriteAllText(dll, "This is no assembly.");
        Refused(Path.GetDirectoryName(dll)!, PluginProblemCode.Unreadable, "GoodDefense.dll");
    }

    [Fact]
    public void An_assembly_cut_short_or_damaged_anywhere_never_throws()
    {
        var dll = Path.Combine(_folder.CopyOf("GoodDefense", "damaged"), "GoodDefense.dll");
        var good = File.ReadAllBytes(dll);
        for (var at = 0; at < good.Length; at += 61)
        {
            File.WriteAllBytes(dll, good[..at]);
            var cut = Gate.Inspect(dll);
            Assert.True(cut.Errors.Any() || at > good.Length / 2, $"accepted when cut at {at} of {good.Length} bytes");
            var damaged = good.ToArray();
            damaged[at] ^= 0xFF;
            File.WriteAllBytes(dll, damaged);
            var verdict = Gate.Inspect(dll);
            Assert.True(verdict.IsAccepted || verdict.Errors.Any());
        }
    }

    [Fact]
    public void An_empty_folder_is_not_a_plugin() => Refused(_folder.Sub("empty"), PluginProblemCode.NotAPlugin, "holds no assembly");

    [Fact]
    public void An_old_api_level_is_refused() =>
        Refused(Made($"[assembly: TiterPlugin(\"made_up\", 0)] {Defense}"), PluginProblemCode.ApiTooOld, "SDK API 0");

    [Theory]
    [InlineData("RepNoise", "rep_noise")]
    [InlineData("my-plugin", "my_plugin")]
    [InlineData("", "my_plugin")]
    [InlineData("../evil", "evil")]
    public void Ids_are_snake_case(string id, string suggestion) =>
        Assert.Contains($"'{suggestion}'", Refused(Made($"[assembly: TiterPlugin(\"{id}\", 1)] {Defense}"), PluginProblemCode.BadId, $"'{id}'").Fix,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("internal sealed class D : IDefense { public void Immunize(DefenseContext c) { } }")]
    [InlineData("public abstract class D : IDefense { public abstract void Immunize(DefenseContext c); }")]
    [InlineData("public sealed class D<T> : IDefense { public void Immunize(DefenseContext c) { } }")]
    [InlineData("public sealed class D { }")]
    public void Only_a_public_class_that_can_be_made_is_an_entry_type(string source) =>
        Refused(Made($"{Attribute} {source}"), PluginProblemCode.NoEntryType, "no public class");

    [Fact]
    public void The_interface_may_come_from_a_private_base() =>
        Assert.True(Gate.Inspect(
            Made($"{Attribute} public abstract class B : IMetric {{ public double[] Score(MetricContext c) => new double[0]; }} public sealed "
                + "class M : B { }")).IsAccepted);

    [Theory]
    [InlineData("2.0.0.0")]
    [InlineData("1.2.0.0")]
    public void Another_major_or_a_newer_assembly_version_of_the_SDK_is_refused_in_one_sentence(string version)
    {
        var problem = Refused(Made($"{Attribute} {Defense}", FakeSdk.Of(version)), PluginProblemCode.SdkVersionMismatch, $"Titer.Sdk {version}");
        Assert.Contains("1.x", problem.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("context.BrandNewThing();", "Titer.Sdk.DefenseContext.BrandNewThing()System.Void")]
    [InlineData("context.Step(3);", "Titer.Sdk.DefenseContext.Step(System.Int32)System.Void")]
    [InlineData("new BrandNewType();", "Titer.Sdk.BrandNewType")]
    public void An_SDK_member_that_the_host_lacks_is_named(string call, string member) =>
        Refused(Made($"{Attribute} public sealed class D : IDefense {{ public void Immunize(DefenseContext context) {{ {call} }} }}",
            FakeSdk.Of("1.0.0.0")),
            PluginProblemCode.SdkMemberMissing, $"'made_up' needs {member}, which");

    [Fact]
    public void A_class_without_a_member_that_the_host_demands_is_refused() =>
        Refused(Made($"{Attribute} public sealed class A : IAttack {{ }}", FakeSdk.Of("1.0.0.0")), PluginProblemCode.InterfaceIncomplete,
            "has no Attack");

    [Fact]
    public void A_copy_of_TorchSharp_is_refused_with_the_line_to_write()
    {
        var folder = _folder.CopyOf("GoodDefense", "torch");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll"), Path.Combine(folder, "TorchSharp.dll"));
        Assert.Contains("ExcludeAssets=\"runtime;native\"", Refused(folder, PluginProblemCode.TorchSharpCopied, "TorchSharp").Fix,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_TorchSharp_is_refused()
    {
        var torch = PluginCompiler.Stranger("TorchSharp", "0.999.0.0",
            "namespace TorchSharp { public static class torch { public static int Answer() => 42; } }");
        Refused(Made(
            $"{Attribute} public sealed class M : IMetric {{ public double[] Score(MetricContext c) => new double[TorchSharp.torch.Answer()]; }}",
            torch), PluginProblemCode.TorchSharpTooNew, "0.999.0.0");
    }

    [Fact]
    public void A_target_framework_of_the_future_is_refused() =>
        Refused(Made(
            $"[assembly: System.Runtime.Versioning.TargetFramework(\".NETCoreApp,Version=v{
                (Environment.Version.Major + 1).ToString(CultureInfo.InvariantCulture)}.0\")] {Attribute} {Defense}"),
            PluginProblemCode.FrameworkTooNew, ".NETCoreApp");

    [Theory]
    [InlineData("public D(int strength) { }")]
    [InlineData("public D() { } public D(Options o) { }")]
    [InlineData("public D(Options a, Options b) { }")]
    [InlineData("private D() { }")]
    public void A_constructor_takes_nothing_or_one_options_record(string constructor) =>
        Refused(Made(
            $"{Attribute} public sealed record Options(int Steps = 1); public sealed class D : IDefense {{ {constructor} public void "
                + "Immunize(DefenseContext c) { } }"),
            PluginProblemCode.ConstructorShape, "constructor");

    [Theory]
    [InlineData("int Steps", "'Steps' of 'Options' has no default")]
    [InlineData("decimal Rate = 1", "System.Decimal")]
    [InlineData("object Thing = null", "System.Object")]
    [InlineData("double? Rate = null", "System.Nullable`1")]
    public void Options_have_defaults_and_types_that_files_can_hold(string parameter, string fact) =>
        Refused(Made(
            $"{Attribute} public sealed record Options({parameter}); public sealed class D : IDefense {{ public D(Options o) {{ }} public void "
                + "Immunize(DefenseContext c) { } }"),
            PluginProblemCode.OptionsShape, fact);

    [Fact]
    public void Two_plugins_in_one_folder_are_refused()
    {
        var folder = Made($"{Attribute} {Defense}");
        PluginCompiler.Compile(folder, "Second", $"[assembly: TiterPlugin(\"second\", 1)] {Defense}");
        Refused(folder, PluginProblemCode.SeveralPlugins, "MadeUp.dll, Second.dll");
    }

    [Theory]
    [InlineData("new System.Net.Http.HttpClient();", PluginProblemCode.CallsNetwork)]
    [InlineData("System.Diagnostics.Process.Start(\"ls\");", PluginProblemCode.StartsProcess)]
    [InlineData("Environment.FailFast(null);", PluginProblemCode.EndsProcess)]
    [InlineData("TorchSharp.torch.matmul(null, null);", PluginProblemCode.CallsMatmul)]
    [InlineData("context.Model.Arena.Flat.matmul(null);", PluginProblemCode.CallsMatmul)]
    [InlineData("System.Text.Json.JsonSerializer.Serialize(3);", PluginProblemCode.ReflectionJson)]
    [InlineData("TorchSharp.torch.manual_seed(1);", PluginProblemCode.SeedsGlobally)]
    [InlineData("TorchSharp.torch.random.manual_seed(1);", PluginProblemCode.SeedsGlobally)]
    public void Risky_calls_are_advised_against_but_not_refused(string call, string code)
    {
        var verdict =
            Gate.Inspect(Made($"{Attribute} public sealed class D : IDefense {{ public void Immunize(DefenseContext context) {{ {call} }} }}"));
        Assert.True(verdict.IsAccepted);
        Assert.Equal([code], verdict.Advice.Select(a => a.Code));
    }

    [Fact]
    public void Exiting_is_seen_in_the_fixture_too() =>
        Assert.Equal([PluginProblemCode.EndsProcess], Gate.Inspect(FixtureFolder.Of("ExitsProcess")).Advice.Select(a => a.Code));

    [Fact]
    public void JSON_with_type_information_needs_no_advice() =>
        Assert.Empty(
            Gate.Inspect(
                Made($"{Attribute} public sealed class D : IDefense {{ public void Immunize(DefenseContext c) {{ "
                    + "System.Text.Json.JsonSerializer.Serialize(3, "
                    + "(System.Text.Json.Serialization.Metadata.JsonTypeInfo<int>)null); } }")).Problems);

    [Fact]
    public void The_content_hash_is_of_names_and_bytes_without_debug_symbols()
    {
        var first = _folder.CopyOf("GoodDefense", "first");
        var second = _folder.CopyOf("GoodDefense", "second");
        Assert.Equal(ContentHash.OfFolder(first), ContentHash.OfFolder(second));

        File.Delete(Path.Combine(second, "GoodDefense.pdb"));
        Assert.Equal(ContentHash.OfFolder(first), ContentHash.OfFolder(second));
        File.WriteAllText(Path.Combine(second, "data.txt"), "1");
        var one = ContentHash.OfFolder(second);
        File.WriteAllText(Path.Combine(second, "data.txt"), "2");
        Assert.Equal(3, new[] { ContentHash.OfFolder(first), one, ContentHash.OfFolder(second) }.Distinct().Count());
    }

    private string Made(string source, params (string Name, byte[] Image)[] others) =>
        PluginCompiler.Compile(_folder.Sub("made"), "MadeUp", source, others);

    private static PluginProblem Refused(string path, string code, string fact)
    {
        var verdict = Gate.Inspect(path);
        Assert.Null(verdict.Plugin);
        var problem = Assert.Single(verdict.Errors);
        Assert.Equal(code, problem.Code);
        Assert.Contains(fact, problem.Fact, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Fix);
        return problem;
    }
}
