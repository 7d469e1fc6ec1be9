using System.Buffers;
using System.IO.Pipelines;
using System.IO.Pipes;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using PipeOptions = System.IO.Pipes.PipeOptions;

namespace Titer.Runtime.Workers;

/// <summary>JSON lines over a duplex stream. Writing is thread-safe (a plugin may log from its own threads), reading is not.</summary>
internal sealed class WirePipe : IAsyncDisposable
{
    /// <summary>A worker is not trusted: a line without an end must not fill the host's memory.</summary>
    private const int MaximumLineBytes = 64 << 20;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly PipeStream _stream;
    private readonly PipeReader _reader;
    private readonly Lock _writing = new();

    public WirePipe(PipeStream stream) =>
        (_stream, _reader) = (stream, PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 1 << 16, leaveOpen: true)));

    /// <summary>Connects a worker to its supervisor.</summary>
    /// <param name="address">A path, or what <see cref="Enclosure"/> has connected.</param>
    public static WirePipe Connect(string address)
    {
        if (Enclosure.DescriptorOf(address) is { } descriptor)
            return new WirePipe(new NamedPipeClientStream(PipeDirection.InOut, isAsync: true, isConnected: true,
                new SafePipeHandle(descriptor, ownsHandle: true)));
        var client = new NamedPipeClientStream(".", address, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        client.Connect(TimeSpan.FromSeconds(10));
        return new WirePipe(client);
    }

    public void Write(WireMessage message)
    {
        var line = Utf8.GetBytes(JsonSerializer.Serialize(message, WireJson.Default.WireMessage) + "\n");
        lock (_writing)
        {
            _stream.Write(line);
            _stream.Flush();
        }
    }

    /// <summary>The next message, or null at the end of the pipe.</summary>
    /// <exception cref="JsonException">The line is not a message of this protocol, or has no end.</exception>
    public async Task<WireMessage?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var read = await _reader.ReadAsync(cancellation);
                if (read.Buffer.PositionOf((byte)'\n') is { } end)
                {
                    var message = WireReader.Read(read.Buffer.Slice(0, end));
                    _reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                    return message;
                }

                if (read.IsCompleted) return null;
                if (read.Buffer.Length > MaximumLineBytes) throw new JsonException($"a line of over {MaximumLineBytes >> 20} MiB");
                _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (IOException)
        {
            // The other end died in the middle of a line: the same as the end of the pipe.
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync();
        await _stream.DisposeAsync();
    }
}
