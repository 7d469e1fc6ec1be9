namespace Titer.Plugins.Metadata;

/// <summary>
/// What a plugin calls that is known to keep a load context in memory, by its reference tables. Evidence for a proven leak, not a verdict:
/// each of these is fine when it is stopped, disposed or unsubscribed in time.
/// </summary>
internal static class PinSuspects
{
    public static IReadOnlyList<string> In(IEnumerable<AssemblyFile> files) =>
        [.. files.SelectMany(MemberUse.In).Select(Suspect).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    private static string? Suspect(MemberUse use) => use switch
    {
        { Type: "System.Threading.Timer" or "System.Timers.Timer", Name: ".ctor" } => "a timer that was not disposed",
        { Type: "System.Threading.Thread", Name: ".ctor" } => "a thread that still runs",
        { Type: "System.Threading.Tasks.Task", Name: "Run" } or { Type: "System.Threading.Tasks.TaskFactory", Name: "StartNew" }
            or { Type: "System.Threading.ThreadPool", Name: "QueueUserWorkItem" or "UnsafeQueueUserWorkItem" or "RegisterWaitForSingleObject" } =>
                "a task that still runs",
        { Type: "System.AppDomain" or "System.Console" or "System.Runtime.Loader.AssemblyLoadContext" or "System.Threading.Tasks.TaskScheduler"
            or "System.Runtime.InteropServices.PosixSignalRegistration" }
            when use.Name.StartsWith("add_", StringComparison.Ordinal) || use.Name == "Create" =>
                $"a handler of {use.Type[(use.Type.LastIndexOf('.') + 1)..]}.{
                    use.Name.Replace("add_", "", StringComparison.Ordinal)} that was not removed",
        { Type: "System.Runtime.InteropServices.GCHandle", Name: "Alloc" } => "a GCHandle that was not freed",
        { Type: "System.Diagnostics.Metrics.Meter",
            Name: "CreateObservableGauge" or "CreateObservableCounter" or "CreateObservableUpDownCounter" } =>
                "a Meter with an observable instrument that was not disposed",
        { Type: "System.ComponentModel.TypeDescriptor", Member: not null } => "TypeDescriptor, whose cache keeps every type that it described",
        { Type: "Microsoft.CSharp.RuntimeBinder.Binder" } => "'dynamic', whose call-site cache keeps the plugin's types",
        _ when RiskyCalls.IsReflectionJson(use) =>
            "JsonSerializer without type information, whose cache keeps the plugin's types: use a source-generated context",
        _ => null,
    };
}
