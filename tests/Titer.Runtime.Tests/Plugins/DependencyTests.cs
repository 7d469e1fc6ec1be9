using Titer.Plugins;

namespace Titer.Runtime.Tests.Plugins;

/// <summary>What a plugin needs is in its folder and fits this host, or the gate says what does not.</summary>
public sealed class DependencyTests : IDisposable
{
    private const string Attribute = "[assembly: TiterPlugin(\"made_up\", 1)]";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_library_that_only_the_host_has_is_missing()
    {
        var problem =
            Refused(Made(
                "public sealed class D : IDefense { public void Immunize(DefenseContext c) { "
                    + "Console.WriteLine(typeof(Autofac.ContainerBuilder)); } }"));
        Assert.Equal(PluginProblemCode.DependencyMissing, problem.Code);
        Assert.Contains("needs Autofac ", problem.Fact, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_a_library_lacks_is_advice_for_it_may_never_be_called()
    {
        var helper = PluginCompiler.Compile(_folder.Sub("helper"), "Helper",
            "public static class H { public static int Two => 2; public static Type T => typeof(Autofac.ContainerBuilder); }");
        var image = ("Helper", File.ReadAllBytes(Path.Combine(helper, "Helper.dll")));
        var folder = Made("public sealed class D : IDefense { public void Immunize(DefenseContext c) { Console.WriteLine(H.Two); } }", image);
        Assert.Equal("Helper", Refused(folder).Fact.Split(' ')[5]);

        File.Copy(Path.Combine(helper, "Helper.dll"), Path.Combine(folder, "Helper.dll"));
        var verdict = new PluginGate().Inspect(folder);
        Assert.True(verdict.IsAccepted);
        Assert.Contains("Helper.dll of 'made_up' needs Autofac", Assert.Single(verdict.Advice).Fact, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_assembly_has_no_code_and_is_refused() => Assert.Equal(PluginProblemCode.ReferenceAssembly,
        Refused(Made(
            "[assembly: System.Runtime.CompilerServices.ReferenceAssembly] public sealed class D : IDefense { public void "
                + "Immunize(DefenseContext c) { } }")).Code);

    [Fact]
    public void A_newer_shared_logging_library_is_refused_with_both_versions()
    {
        var logging = PluginCompiler.Stranger("Microsoft.Extensions.Logging.Abstractions", "99.0.0.0",
            "namespace Microsoft.Extensions.Logging { public static class Newest { public static int Answer() => 42; } }");
        var problem =
            Refused(Made(
                "public sealed class D : IMetric { public double[] Score(MetricContext c) => new "
                    + "double[Microsoft.Extensions.Logging.Newest.Answer()]; }", logging));
        Assert.Equal(PluginProblemCode.SharedTooNew, problem.Code);
        Assert.Contains("99.0.0.0; this host has ", problem.Fact, StringComparison.Ordinal);
    }

    [Fact]
    public void The_plugins_own_older_library_is_the_one_that_it_gets()
    {
        // TorchSharp references Google.Protobuf too: that does not make the host's copy the plugin's.
        var old = PluginCompiler.Stranger("Google.Protobuf", "3.1.0.0",
            "namespace Google.Protobuf { public static class Old { public static string Version => "
                + "typeof(Old).Assembly.GetName().Version!.ToString(); } }");
        var folder =
            Made("public sealed class D : IDefense { public D() { if (Google.Protobuf.Old.Version != \"3.1.0.0\") throw new "
                + "InvalidOperationException(Google.Protobuf.Old.Version); } public void Immunize(DefenseContext c) { } }", old);
        File.WriteAllBytes(Path.Combine(folder, "Google.Protobuf.dll"), old.Image);

        using var root = PluginRoot.Create();
        var verdict = new PluginGate().Inspect(folder);
        Assert.True(verdict.IsAccepted, string.Join('\n', verdict.Problems));
        Assert.True(PluginGeneration.TryLoad(root, verdict.Plugin!, _folder.Sub("shadow"), out var generation, out var problem),
            problem?.ToString());
        using (generation) Assert.Null(PluginTrial.Of(generation));
    }

    [Theory]
    [InlineData("public interface IScale : IDefense { void IDefense.Immunize(DefenseContext c) { } } public sealed class D : IScale { }")]
    [InlineData("public interface IA : IDefense { void IDefense.Immunize(DefenseContext c) { } } public interface IB : IA { } public abstract "
        + "class B : IB { } public sealed class D : B { }")]
    public void A_member_of_an_interface_with_a_body_implements_the_contract(string source) =>
        Assert.True(new PluginGate().Inspect(Made(source)).IsAccepted);

    [Fact]
    public void The_base_of_a_plugin_may_lie_in_a_library_beside_it()
    {
        var helper = PluginCompiler.Compile(_folder.Sub("bases"), "Bases",
            "public abstract class Scaled<T> : IDefense { public virtual void Immunize(DefenseContext c) { } }");
        var folder = Made("public sealed class D : Scaled<int> { }", ("Bases", File.ReadAllBytes(Path.Combine(helper, "Bases.dll"))));
        File.Copy(Path.Combine(helper, "Bases.dll"), Path.Combine(folder, "Bases.dll"));
        var verdict = new PluginGate().Inspect(folder);
        Assert.True(verdict.IsAccepted, string.Join('\n', verdict.Problems));
    }

    [Fact]
    public void An_enum_of_any_width_is_a_choice()
    {
        var folder =
            Made("public enum E : ulong { None = 0, Most = 1UL << 63, All = ulong.MaxValue } public sealed record O(E Mode = E.All); public "
                + "sealed class D : IDefense { public D(O o) { } public void Immunize(DefenseContext c) { } }");
        var field = Assert.Single(new PluginGate().Inspect(folder).Plugin!.Manifest.Options.Fields);
        Assert.Equal(("all", "none,most,all"), (field.Default, string.Join(',', field.AllowedValues)));
    }

    [Theory]
    [InlineData("[System.ComponentModel.DataAnnotations.Range(1, 10)] int Rounds = 0", "is 0, out of its own range")]
    [InlineData("[property: System.ComponentModel.DataAnnotations.Range(0.0, 1.0)] double Rate = 1.5", "is 1.5, out of its own range")]
    public void A_default_outside_of_its_own_range_is_refused(string parameter, string fact)
    {
        var problem =
            Refused(Made(
                $"public sealed record O({parameter}); public sealed class D : IDefense {{ public D(O o) {{ }} public void "
                    + "Immunize(DefenseContext c) { } }"));
        Assert.Equal(PluginProblemCode.OptionsShape, problem.Code);
        Assert.Contains(fact, problem.Fact, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b", "c")]
    [InlineData("", " padded ", "say \"hi\"", "\"")]
    [InlineData("plain", "two words")]
    public void A_list_of_texts_reads_back_as_it_was(params string[] items) => Assert.Equal(items, TextListSyntax.Split(TextListSyntax.Join(items)));

    [Theory]
    [InlineData("a, b,,c ", "a|b|c")]
    [InlineData("\"a,b\", c", "a,b|c")]
    [InlineData("\"un, closed", "\"un|closed")]
    [InlineData("", "")]
    public void A_list_that_somebody_wrote_is_split_at_commas_outside_of_quotes(string text, string items) =>
        Assert.Equal(items, string.Join('|', TextListSyntax.Split(text)));

    private string Made(string source, params (string Name, byte[] Image)[] others) =>
        PluginCompiler.Compile(_folder.Sub("made"), "MadeUp", $"{Attribute} {source}", others);

    private static PluginProblem Refused(string folder)
    {
        var verdict = new PluginGate().Inspect(folder);
        Assert.Null(verdict.Plugin);
        return Assert.Single(verdict.Errors);
    }
}
