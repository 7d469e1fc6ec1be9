using System.Diagnostics;
using System.Globalization;

namespace Titer.Benchmarks;

/// <summary>Memory of a process, as Linux says it in <c>/proc</c>, in MiB.</summary>
internal static class ProcessMemory
{
    /// <param name="field">Of <c>/proc/self/status</c>, with its colon: <c>VmRSS:</c>, <c>VmHWM:</c>.</param>
    public static double OfThisProcess(string field) =>
        double.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal))[field.Length..].TrimStart()
            .Split(' ')[0], CultureInfo.InvariantCulture) / 1024;

    /// <summary>What a child of this program, started with these arguments, prints as its own.</summary>
    public static double OfChild(string argument, string kind)
    {
        using var child = Process.Start(new ProcessStartInfo("dotnet",
            ["exec", typeof(ProcessMemory).Assembly.Location, argument, kind]) { RedirectStandardOutput = true })!;
        var answer = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return double.Parse(answer, CultureInfo.InvariantCulture);
    }
}
