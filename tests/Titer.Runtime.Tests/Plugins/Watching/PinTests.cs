using System.Runtime.CompilerServices;
using Titer.Plugins;
using Titer.Plugins.Watching;

namespace Titer.Runtime.Tests.Plugins.Watching;

/// <summary>What keeps a build in memory is found out and named; what does not, unloads.</summary>
public sealed class PinTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly PluginRoot _root = PluginRoot.Create();
    private readonly SlotRecorder _said = new();

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("a timer", "_timer = new System.Threading.Timer(_ => Tick(), null, 1000, 1000)")]
    [InlineData("a thread", "Sleeper()")]
    [InlineData("a task", "System.Threading.Tasks.Task.Run(() => { while (true) { System.Threading.Thread.Sleep(50); Tick(); } })")]
    [InlineData("AppDomain.ProcessExit", "Subscribe()")]
    [InlineData("Console.CancelKeyPress", "SubscribeToConsole()")]
    [InlineData("a GCHandle", "System.Runtime.InteropServices.GCHandle.Alloc(new Made(1))")]
    [InlineData("a Meter", "Meter()")]
    [InlineData("TypeDescriptor", "System.ComponentModel.TypeDescriptor.GetProperties(typeof(Made))")]
    [InlineData("JsonSerializer", "System.Text.Json.JsonSerializer.Serialize(new Box())")]
    [InlineData("'dynamic'", "Dynamic(new Box())")]
    public void A_pin_is_found_out_and_named(string what, string pin)
    {
        Reload(pin);
        var leak = Assert.Single(_said.Leaks);
        Assert.StartsWith(PluginProblemCode.GenerationLeaked, leak, StringComparison.Ordinal);
        Assert.Contains(what, leak, StringComparison.Ordinal);
        Assert.DoesNotContain(1, _said.Gone);
    }

    [Theory]
    [InlineData("new System.Threading.Timer(_ => Tick(), null, 1000, 1000).Dispose()")]
    [InlineData("ShortThread()")]
    [InlineData("SubscribeUntilUnloading()")]
    [InlineData("System.Runtime.InteropServices.GCHandle.Alloc(new Made(1)).Free()")]
    [InlineData("Local.Value = new Box()")]
    [InlineData("Static = new Box()")]
    [InlineData("ThreadStatic = new Box()")]
    [InlineData("System.Threading.Tasks.Parallel.For(0, 8, _ => Tick())")]
    [InlineData("new System.Text.RegularExpressions.Regex(\"a+\", System.Text.RegularExpressions.RegexOptions.Compiled).IsMatch(\"aa\")")]
    [InlineData("Expression()")]
    [InlineData("new System.Diagnostics.ActivitySource(\"made\").StartActivity(\"x\")")]
    [InlineData("new System.Xml.Serialization.XmlSerializer(typeof(Box)).Serialize(System.IO.TextWriter.Null, new Box())")]
    public void What_does_not_pin_or_is_cured_unloads(string code)
    {
        Reload(code);
        Assert.Empty(_said.Leaks);
        Assert.Contains(1, _said.Gone);
    }

    private void Reload(string code)
    {
        var drop = _folder.Sub("drop");
        PluginCompiler.Compile(drop, "Made", Source(code));
        using var slot = new PluginSlot(_root, drop, _folder.Sub("shadow"), new PluginGate(), _said, watch: false);
        Assert.True(_said.Builds.Count == 1, string.Join('\n', _said.Refusals));
        Make(slot);
        PluginCompiler.Compile(drop, "Made", Source("Tick()"));
        slot.Refresh();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Make(PluginSlot slot)
    {
        using var lease = slot.Lease()!;
        Assert.Null(DedicatedThread.Run(() => Assert.Null(lease.CreateDefense(new Dictionary<string, string>()).Problem)));
    }

    private static string Source(string code) => $$"""
        [assembly: TiterPlugin("made", 1)]
        public sealed class Box { public int Value { get; set; } = 3; }
        public sealed class Made : IDefense
        {
            private static readonly System.Threading.AsyncLocal<Box> Local = new();
            private static Box Static;
            private static object _timer;
            [ThreadStatic] private static Box ThreadStatic;
            private static long _ticks;
            private static bool _done;
            public Made() { if (_done) return; _done = true; {{code}}; }
            internal Made(int other) { }
            public void Immunize(DefenseContext context) { }
            internal static void Tick() => System.Threading.Interlocked.Increment(ref _ticks);
        {{Methods(code)}}
        }
        """;

    /// <summary>Only what is used: the suspects are read from the reference tables.</summary>
    private static string Methods(string code) => code switch
    {
        "Sleeper()" =>
            "static void Sleeper() { var t = new System.Threading.Thread(() => { while (true) { System.Threading.Thread.Sleep(50); Tick(); } }) "
            + "{ IsBackground = true }; t.Start(); }",
        "ShortThread()" => "static void ShortThread() { var t = new System.Threading.Thread(Tick); t.Start(); t.Join(); }",
        "Subscribe()" => "static void Subscribe() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Tick();",
        "SubscribeToConsole()" => "static void SubscribeToConsole() => Console.CancelKeyPress += (_, _) => Tick();",
        "SubscribeUntilUnloading()" =>
            "static void SubscribeUntilUnloading() { EventHandler h = (_, _) => Tick(); AppDomain.CurrentDomain.ProcessExit += h; "
            + "System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(typeof(Made).Assembly).Unloading += _ => "
            + "AppDomain.CurrentDomain.ProcessExit -= h; }",
        "Meter()" =>
            "static void Meter() { var m = new System.Diagnostics.Metrics.Meter(\"made\"); m.CreateObservableGauge(\"ticks\", () => _ticks); }",
        "Dynamic(new Box())" => "static int Dynamic(dynamic box) => box.Value + 1;",
        "Expression()" =>
            "static int Expression() => "
            + "System.Linq.Expressions.Expression.Lambda<Func<int>>(System.Linq.Expressions.Expression.Constant(3)).Compile()();",
        _ => "",
    };
}
