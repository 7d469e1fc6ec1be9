using System.Net.Sockets;
using Titer.Sdk;
[assembly: TiterPlugin("snoops", SdkApi.Level, Summary = "Tries what a plugin has no business with, and tells what it could do.")]

namespace Snoops;

/// <param name="Port">A port on this machine where somebody listens.</param>
/// <param name="Secret">A file that the operator can read.</param>
/// <param name="Scenario">The scenario's own folder, evaluation data and all.</param>
public sealed record SnoopOptions(int Port = 0, string Secret = "", string Scenario = "");

public sealed class SnoopsDefense(SnoopOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var could = new List<string>();
        Try("connect", () =>
        {
            using var client = new TcpClient();
            client.Connect("127.0.0.1", options.Port);
        });
        Try("read a file of the operator", () => File.ReadAllText(options.Secret));
        Try("write beside the host's program", () => File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "planted.txt"), "x"));
        Try("write into the home folder",
            () => File.WriteAllText(Path.Combine(Environment.GetEnvironmentVariable("HOME")!, ".planted-by-a-plugin"), "x"));
        Try("see the scenario", () => File.ReadAllText(Path.Combine(options.Scenario, "scenario.yaml")));
        Try("see the scenario beside its program",
            () => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "scenarios", "apothecary", "scenario.yaml")));
        Try("see other processes", () =>
        {
            if (Directory.GetDirectories("/proc").Count(p => int.TryParse(Path.GetFileName(p), out _)) < 6) throw new IOException();
        });
        throw new InvalidOperationException($"could: {(could.Count == 0 ? "nothing" : string.Join(", ", could))}");

        void Try(string what, Action attempt)
        {
            try
            {
                attempt();
                could.Add(what);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
            {
                // Denied: nothing to tell.
            }
        }
    }
}
