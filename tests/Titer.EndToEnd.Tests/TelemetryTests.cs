using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Titer.EndToEnd.Tests;

/// <summary>A run tells a collector what it does, over a real socket, where somebody named one.</summary>
public sealed class TelemetryTests
{
    private const string Tournament = """
        name: t
        seeds: [1]
        budget: { attack: { steps: 2 }, defense: { steps: 3 } }
        defenses: []
        attacks: []
        """;

    [SampledFact]
    public async Task A_collector_hears_a_span_of_every_phase_and_the_metrics_of_the_run()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", Tournament);
        using var collector = new Collector();

        var run = await TiterProcess.RunAsync(folder.Path, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        }, "run", "t.yaml");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        // resource_spans, scope_spans, spans, name.
        var spans = collector.Of("/v1/traces").SelectMany(m => Protobuf.Texts(m, 1, 2, 2, 5)).ToArray();
        Assert.Equal(["assess no_defense seed 1", "attack no_defense by no_weight_modification seed 1", "defend no_defense seed 1", "titer run"],
            spans.Order(StringComparer.Ordinal));
        // resource_metrics, scope_metrics, metrics, name.
        var metrics = collector.Of("/v1/metrics").SelectMany(m => Protobuf.Texts(m, 1, 2, 2, 1)).Distinct().ToArray();
        Assert.Equal(["titer.phase.duration", "titer.phase.memory", "titer.phases", "titer.phases.running"], metrics.Order(StringComparer.Ordinal));
        // resource, attributes, key and value's text.
        Assert.Contains("service.name", collector.Of("/v1/traces").SelectMany(m => Protobuf.Texts(m, 1, 1, 1, 1)));
        Assert.Contains("titer", collector.Of("/v1/traces").SelectMany(m => Protobuf.Texts(m, 1, 1, 1, 2, 1)));
    }

    [SampledFact]
    public async Task A_collector_that_is_gone_costs_no_run_and_an_address_that_is_none_is_refused()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", Tournament);
        string gone;
        using (var collector = new Collector()) gone = collector.Address;

        Task<TiterOutcome> RunAsync(string endpoint) => TiterProcess.RunAsync(folder.Path,
            new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint }, "run", "t.yaml");
        var run = await RunAsync(gone);
        var refused = await RunAsync("here");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("TITER258", refused.Error, StringComparison.Ordinal);
        Assert.Equal(2, refused.ExitCode);
    }

    /// <summary>A socket that answers every request with success and keeps what was sent.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentQueue<(string Path, byte[] Body)> _heard = [];

        public Collector()
        {
            _listener.Start();
            _ = Task.Run(AcceptAsync);
        }

        public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public IEnumerable<byte[]> Of(string path) => _heard.Where(h => h.Path == path).Select(h => h.Body);

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptTcpClientAsync();
                    _ = Task.Run(() => AnswerAsync(client));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is through.
            }
        }

        private async Task AnswerAsync(TcpClient client)
        {
            using var connection = client;
            var stream = connection.GetStream();
            while (await HeadAsync(stream) is { } head)
            {
                var lines = head.Split("\r\n");
                var length = lines.Where(l => l.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase))
                    .Select(l => int.Parse(l.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)).Single();
                var body = new byte[length];
                await stream.ReadExactlyAsync(body);
                _heard.Enqueue((lines[0].Split(' ')[1], body));
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            }
        }

        private static async Task<string?> HeadAsync(NetworkStream stream)
        {
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                if (await stream.ReadAsync(one) == 0) return null;
                head.Append((char)one[0]);
            }

            return head.ToString();
        }
    }

    /// <summary>Reads messages of protocol buffers by the numbers of their fields alone (the encoding's specification, "wire types").</summary>
    private static class Protobuf
    {
        /// <summary>The texts at a path of field numbers.</summary>
        public static IEnumerable<string> Texts(byte[] message, params int[] path) => path.Length == 1
            ? Fields(message, path[0]).Select(Encoding.UTF8.GetString)
            : Fields(message, path[0]).SelectMany(inner => Texts(inner, path[1..]));

        private static IEnumerable<byte[]> Fields(byte[] message, int number)
        {
            for (var at = 0; at < message.Length;)
            {
                var key = Number(message, ref at);
                switch (key & 7)
                {
                    case 0:
                        Number(message, ref at);
                        break;
                    case 1:
                        at += 8;
                        break;
                    case 5:
                        at += 4;
                        break;
                    case 2:
                        var length = (int)Number(message, ref at);
                        if ((int)(key >> 3) == number) yield return message[at..(at + length)];
                        at += length;
                        break;
                    default:
                        throw new InvalidDataException($"Wire type {key & 7} at {at}.");
                }
            }
        }

        private static ulong Number(byte[] message, ref int at)
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var part = message[at++];
                value |= (ulong)(part & 0x7f) << shift;
                if (part < 0x80) return value;
            }
        }
    }
}
