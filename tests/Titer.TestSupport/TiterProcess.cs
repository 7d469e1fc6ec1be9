using System.Diagnostics;

namespace Titer.TestSupport;

/// <summary>What a run of the command line left behind.</summary>
internal sealed record TiterOutcome(int ExitCode, string Output, string Error);

/// <summary>Runs the built <c>titer</c> as a user would, with a deadline; the process tree never outlives the test.</summary>
internal static class TiterProcess
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(15);

    /// <summary>The clone that it is built in.</summary>
    public static string Repository => TestRepository.Root;

    public static Task<TiterOutcome> RunAsync(string workingDirectory, params string[] args) =>
        RunAsync(workingDirectory, new Dictionary<string, string>(), args);

    public static Task<TiterOutcome> RunAsync(string workingDirectory, TimeSpan patience, params string[] args) =>
        RunAsync(workingDirectory, [], patience, args);

    /// <param name="environment">Variables on top of the test's own; an empty one is taken away.</param>
    public static Task<TiterOutcome> RunAsync(string workingDirectory, Dictionary<string, string> environment, params string[] args) =>
        RunAsync(workingDirectory, environment, Deadline, args);

    private static async Task<TiterOutcome> RunAsync(string workingDirectory, Dictionary<string, string> environment, TimeSpan patience,
        string[] args)
    {
        using var process = Start(workingDirectory, environment, args);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new TiterOutcome(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    public static Process Start(string workingDirectory, params string[] args) => Start(workingDirectory, new Dictionary<string, string>(), args);

    public static Process Start(string workingDirectory, Dictionary<string, string> environment, string[] args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(CommandLineDll);
        // Nothing that a user of this machine installed or set aside takes part in a test.
        start.Environment["TITER_HOME"] = Path.Combine(workingDirectory, ".titer");
        foreach (var (name, value) in environment)
        {
            if (value.Length > 0) start.Environment[name] = value;
            else start.Environment.Remove(name);
        }

        foreach (var arg in args) start.ArgumentList.Add(arg);
        if (environment.ContainsKey(NoSandbox.Variable)) NoSandbox.Wrap(start);
        return Process.Start(start)!;
    }

    public static string CommandLineFolder =>
        Path.Combine(Repository, "artifacts", "bin", "Titer.Cli", TestRepository.Build);

    /// <summary>The command line of the same configuration as this test assembly.</summary>
    public static string CommandLineDll => Path.Combine(CommandLineFolder, "titer.dll");
}
