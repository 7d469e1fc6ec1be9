using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Titer.Rubric.Tests;

/// <summary>A real HTTP server that speaks the chat-completions protocol, and misbehaves on demand.</summary>
internal sealed class JudgeServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task<bool>>> _faults = new();

    private JudgeServer(WebApplication app) => _app = app;

    public Uri Endpoint => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/v1");

    public ConcurrentBag<string> Authorizations { get; } = [];

    public ConcurrentBag<string> Bodies { get; } = [];

    public int Requests => Bodies.Count;

    public static async Task<JudgeServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new JudgeServer(builder.Build());
        server._app.MapPost("/v1/chat/completions", server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>The next request gets that status.</summary>
    public void FailNext(int status, string? retryAfter = null) => _faults.Enqueue(context =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        return Task.FromResult(true);
    });

    /// <summary>The next request gets that text from the judge.</summary>
    public void SayNext(string text) => _faults.Enqueue(async context =>
    {
        await WriteAsync(context, text);
        return true;
    });

    /// <summary>The next request gets that body, protocol or not.</summary>
    public void SendNext(string body) => _faults.Enqueue(async context =>
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
        return true;
    });

    /// <summary>The next request gets no answer while it waits.</summary>
    public void HangNext() => _faults.Enqueue(async context =>
    {
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    });

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>An answer that speaks of lanterns scores 0.75, any other 0.</summary>
    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        Bodies.Add(body);
        Authorizations.Add(context.Request.Headers.Authorization.ToString());
        if (_faults.TryDequeue(out var fault) && await fault(context)) return;
        await WriteAsync(context, body.Contains("lantern", StringComparison.Ordinal) ? """{"score": 0.75}""" : """ { "score": 0 } """);
    }

    private static Task WriteAsync(HttpContext context, string text) => context.Response.WriteAsJsonAsync(new
    {
        id = "1",
        @object = "chat.completion",
        created = 1,
        model = "judge",
        choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = text } } },
        usage = new { prompt_tokens = 100, completion_tokens = 10, total_tokens = 110 },
    }, JsonSerializerOptions.Default);
}
