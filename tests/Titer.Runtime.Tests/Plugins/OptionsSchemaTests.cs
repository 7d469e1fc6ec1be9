using Titer.Plugins;

namespace Titer.Runtime.Tests.Plugins;

public sealed class OptionsSchemaTests : IDisposable
{
    private static readonly OptionsSchema Schema = new PluginGate().Inspect(FixtureFolder.Of("GoodDefense")).Plugin!.Manifest.Options;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_schema_is_read_from_metadata_alone()
    {
        string[] expected =
        [
            "scale Number 1 [0;10] <> The factor.",
            "batch_size WholeNumber 16 [1;512] <> ",
            "sample_count LongWholeNumber 5000000000 [;] <> ",
            "include_norms Flag true [;] <> ",
            "label Text plain [;] <> Printed, nothing else.",
            "direction Choice away_from_zero [;] <toward_zero,away_from_zero> ",
            "layers TextList  [;] <> ",
        ];
        Assert.Equal(expected, Schema.Fields.Select(
            f => $"{f.Name} {f.Type} {f.Default} [{f.Minimum};{f.Maximum}] <{string.Join(',', f.AllowedValues)}> {f.Description}"));
    }

    [Fact]
    public void Enums_of_the_SDK_are_choices_too()
    {
        var folder = PluginCompiler.Compile(_folder.Path, "Tuned", """
            [assembly: TiterPlugin("tuned", 1)]
            public sealed record Options(Titer.Sdk.Training.OptimizerKind Optimizer = Titer.Sdk.Training.OptimizerKind.Sgd);
            public sealed class D : IDefense { public D(Options o) { } public void Immunize(DefenseContext c) { } }
            """);
        var field = Assert.Single(new PluginGate().Inspect(folder).Plugin!.Manifest.Options.Fields);
        Assert.Equal("sgd", field.Default);
        Assert.Equal(["adam_w", "sgd", "adafactor", "lion"], field.AllowedValues.Take(4));
        Assert.Equal(Enum.GetValues<Titer.Sdk.Training.OptimizerKind>().Length, field.AllowedValues.Count);
        Assert.True(new OptionsSchema([field]).TryCanonicalize("optimizer", "adamw", out var canonical, out _));
        Assert.Equal("adam_w", canonical);
    }

    [Theory]
    [InlineData("scal", "1", PluginProblemCode.OptionUnknown, "Did you mean 'scale'?")]
    [InlineData("BatchSize", "1", PluginProblemCode.OptionUnknown, "Did you mean 'batch_size'?")]
    [InlineData("zzzzzzzzzz", "1", PluginProblemCode.OptionUnknown, "Known options: scale, batch_size,")]
    [InlineData("scale", "much", PluginProblemCode.OptionType, "a number in [0, 10]")]
    [InlineData("scale", "NaN", PluginProblemCode.OptionType, "a number")]
    [InlineData("scale", "1,5", PluginProblemCode.OptionType, "a number")]
    [InlineData("scale", "10.5", PluginProblemCode.OptionRange, "a number in [0, 10]")]
    [InlineData("batch_size", "0", PluginProblemCode.OptionRange, "a whole number in [1, 512]")]
    [InlineData("batch_size", "1.5", PluginProblemCode.OptionType, "a whole number")]
    [InlineData("batch_size", "3000000000", PluginProblemCode.OptionType, "a whole number")]
    [InlineData("include_norms", "maybe", PluginProblemCode.OptionType, "true or false")]
    [InlineData("direction", "sideways", PluginProblemCode.OptionValue, "one of toward_zero, away_from_zero")]
    public void A_wrong_setting_is_a_problem_with_its_fix(string name, string value, string code, string fix)
    {
        var problem = Assert.Single(Schema.Check(new Dictionary<string, string> { [name] = value }));
        Assert.Equal(code, problem.Code);
        Assert.Contains(fix, problem.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scale", "1e-3", "0.001")]
    [InlineData("scale", "0.0001", "0.0001")]
    [InlineData("scale", "+2.50", "2.5")]
    [InlineData("scale", "0.1", "0.1")]
    [InlineData("scale", "3.141592653589793", "3.141592653589793")]
    [InlineData("scale", "1e-20", "1E-20")]
    [InlineData("batch_size", "1e2", "100")]
    [InlineData("batch_size", " 32", "32")]
    [InlineData("include_norms", "False", "false")]
    [InlineData("direction", "TowardZero", "toward_zero")]
    [InlineData("layers", "a, b ,c", "a,b,c")]
    public void Equal_settings_have_one_canonical_text(string name, string value, string canonical)
    {
        Assert.True(Schema.TryCanonicalize(name, value, out var text, out var problem), problem?.ToString());
        Assert.Equal(canonical, text);
    }

    [Fact]
    public void Only_what_differs_from_the_defaults_makes_an_entrant()
    {
        var settings = new Dictionary<string, string> { ["scale"] = "1.0", ["batch_size"] = "32" };
        Assert.Equal([KeyValuePair.Create("batch_size", "32")], Schema.Canonical(settings));
        Assert.Equal("1", Schema.Resolve(settings)["scale"]);
        Assert.Equal(7, Schema.Resolve(settings).Count);
    }

    [Fact]
    public void Canonical_text_binds_to_the_record_and_the_rest_keeps_its_defaults()
    {
        var bound = (Sample)OptionsBinder.Bind(typeof(Sample), new Dictionary<string, string>
        {
            ["learning_rate"] = "0.0003", ["max_steps"] = "7", ["shape"] = "long_tail", ["names"] = "a,b",
        });
        Assert.Equal((0.0003, 7, true, 5L, Shape.LongTail), (bound.LearningRate, bound.MaxSteps, bound.On, bound.Big, bound.Shape));
        Assert.Equal(["a", "b"], bound.Names!);
        Assert.Equal("x", bound.Text);
    }

    public enum Shape
    {
        Flat,
        LongTail,
    }

    public sealed record Sample(
        double LearningRate = 1e-4, int MaxSteps = 100, bool On = true, long Big = 5, Shape Shape = Shape.Flat, IReadOnlyList<string>? Names = null,
        string Text = "x");
}
