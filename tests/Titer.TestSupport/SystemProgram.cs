using System.Diagnostics;

namespace Titer.TestSupport;

/// <summary>Runs a program of the system with a deadline; its process tree never outlives the test.</summary>
internal static class SystemProgram
{
    /// <param name="environment">On top of the test's own; one without a value is taken away.</param>
    /// <returns>Both streams.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string folder, TimeSpan patience, Dictionary<string, string?> environment,
        string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true,
            RedirectStandardError = true, RedirectStandardInput = true };
        // Build servers would outlive the test.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        foreach (var (name, value) in environment)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output + await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary><c>dotnet</c>, which must end well.</summary>
    public static async Task<string> DotNetAsync(string folder, params string[] arguments)
    {
        var (exitCode, output) = await RunAsync(folder, TimeSpan.FromMinutes(10), [], "dotnet", arguments);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{output}");
        return output;
    }
}
