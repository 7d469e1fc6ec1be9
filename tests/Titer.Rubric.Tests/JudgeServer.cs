using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Titer.Rubric.Tests;

/// <summary>What the server saw of one request.</summary>
internal sealed record Seen(string Path, string Authorization, string Query, JsonNode Body)
{
    public string Answer => JsonNode.Parse(Body["messages"]![1]!["content"]!.GetValue<string>())!["answer"]!.GetValue<string>();
}

/// <summary>A real server on this machine that speaks chat completions, and misbehaves as told: the n-th request gets the n-th behaviour, later ones the last.</summary>
internal sealed class JudgeServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Seen> seen = new();
    private int requests;

    private JudgeServer(WebApplication app) => this.app = app;

    public Uri Endpoint => new(app.Urls.Single() + "/v1");

    public IReadOnlyList<Seen> Requests => [.. seen];

    public static async Task<JudgeServer> StartAsync(params Func<HttpContext, Seen, Task>[] behaviours)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new JudgeServer(builder.Build());
        server.app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var request = new Seen(context.Request.Path, context.Request.Headers.Authorization.ToString(), context.Request.QueryString.ToString(), JsonNode.Parse(await reader.ReadToEndAsync())!);
            server.seen.Enqueue(request);
            var turn = Interlocked.Increment(ref server.requests) - 1;
            await behaviours[Math.Min(turn, behaviours.Length - 1)](context, request);
        });
        await server.app.StartAsync();
        return server;
    }

    /// <summary>A completion with this text.</summary>
    public static Func<HttpContext, Seen, Task> Says(string text, bool usage = true) => (context, _) => WriteAsync(context, Completion(text, usage));

    public static Func<HttpContext, Seen, Task> SaysOf(Func<Seen, string> text) => (context, request) => WriteAsync(context, Completion(text(request), true));

    public static Func<HttpContext, Seen, Task> Raw(string body) => (context, _) => WriteAsync(context, body);

    public static Func<HttpContext, Seen, Task> Status(int status, string body = "{\"error\":{\"message\":\"no\"}}", string? retryAfter = null) => (context, _) =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        return WriteAsync(context, body);
    };

    /// <summary>Until the client has had enough.</summary>
    public static async Task Hangs(HttpContext context, Seen request)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // what the test is about
        }
    }

    public static Task CutsTheLine(HttpContext context, Seen request)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private static Task WriteAsync(HttpContext context, string body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }

    private static string Completion(string text, bool usage)
    {
        var completion = new JsonObject
        {
            ["id"] = "c1",
            ["object"] = "chat.completion",
            ["created"] = 1700000000,
            ["model"] = "judge-1",
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["finish_reason"] = "stop",
                ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text },
            }),
        };
        if (usage) completion["usage"] = new JsonObject { ["prompt_tokens"] = 100, ["completion_tokens"] = 20, ["total_tokens"] = 120 };
        return completion.ToJsonString();
    }
}
