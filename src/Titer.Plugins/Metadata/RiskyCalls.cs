namespace Titer.Plugins.Metadata;

/// <summary>Advice from the reference tables: what a plugin had better not call. No sandbox: reflection gets round it.</summary>
internal static class RiskyCalls
{
    public static IEnumerable<PluginProblem> In(AssemblyFile file) =>
        MemberUse.In(file).Select(use => Advice(file.FileName, use)).OfType<PluginProblem>().DistinctBy(p => (p.Code, p.Fact));

    private static PluginProblem? Advice(string file, MemberUse use) => use switch
    {
        { Member: null } when use.Type.StartsWith("System.Net.", StringComparison.Ordinal) => New(PluginProblemCode.CallsNetwork,
            $"{file} uses the network ({use.Type}).", "Ship what the plugin needs in its folder: workers may run without a network."),
        { Type: "System.Diagnostics.Process", Name: "Start" } => New(PluginProblemCode.StartsProcess,
            $"{file} starts processes.", "Compute in the plugin's own thread: child processes are killed with the worker."),
        { Type: "System.Environment", Name: "Exit" or "FailFast" } => New(PluginProblemCode.EndsProcess,
            $"{file} calls Environment.{use.Name}.",
            "Throw an exception: a worker that ends without a result counts as crashed, whatever its exit code."),
        { Assembly: "TorchSharp", Name: "matmul" } => New(PluginProblemCode.CallsMatmul,
            $"{file} calls matmul, which aborts the process when shapes or types do not fit.",
            "Use torch.mm, torch.bmm or nn.functional.linear: they throw."),
        _ when IsReflectionJson(use) => New(PluginProblemCode.ReflectionJson,
            $"{file} calls JsonSerializer.{use.Name} without type information, which keeps the plugin in memory for ever.",
            "Pass a source-generated JsonSerializerContext."),
        { Assembly: "TorchSharp", Name: "manual_seed" } when !use.Type.EndsWith("+Generator", StringComparison.Ordinal) =>
            New(PluginProblemCode.SeedsGlobally,
            $"{file} seeds the global torch generator, which is shared by the whole process.",
            "Draw with context.Random.Normal or Uniform, or pass generator: context.Random.Generator."),
        _ => null,
    };

    public static bool IsReflectionJson(MemberUse use) =>
        use is { Type: "System.Text.Json.JsonSerializer", Name: "Serialize" or "Deserialize" or "SerializeToUtf8Bytes" or "SerializeToElement" }
        && !use.Member!.Contains("JsonTypeInfo", StringComparison.Ordinal)
        && !use.Member.Contains("JsonSerializerContext", StringComparison.Ordinal);

    private static PluginProblem New(string code, string fact, string fix) => new(code, fact, fix, ProblemSeverity.Advice);
}
