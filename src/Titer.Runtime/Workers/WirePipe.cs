using System.IO.Pipes;
using System.Text;
using System.Text.Json;

namespace Titer.Runtime.Workers;

/// <summary>JSON lines over a duplex stream. Writing is thread-safe (a plugin may log from its own threads), reading is not.</summary>
public sealed class WirePipe : IAsyncDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly PipeStream _stream;
    private readonly StreamReader _reader;
    private readonly Lock _writing = new();

    public WirePipe(PipeStream stream)
    {
        _stream = stream;
        _reader = new StreamReader(stream, Utf8, detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 16, leaveOpen: true);
    }

    /// <summary>Connects a worker to its supervisor.</summary>
    public static WirePipe Connect(string path)
    {
        var client = new NamedPipeClientStream(".", path, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
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
    /// <exception cref="JsonException">The line is not a message of this protocol.</exception>
    public async Task<WireMessage?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            var line = await _reader.ReadLineAsync(cancellation);
            return line is null ? null : JsonSerializer.Deserialize(line, WireJson.Default.WireMessage);
        }
        catch (IOException)
        {
            // The other end died in the middle of a line: the same as the end of the pipe.
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        await _stream.DisposeAsync();
    }
}
