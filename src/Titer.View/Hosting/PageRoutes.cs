using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Titer.Tournament;
using Titer.Tournament.Scoring;
using Titer.View.Reading;
using Titer.View.Web;

namespace Titer.View.Hosting;

/// <summary>What the page asks for. <c>run</c> in a query is the number of the results folder on the command line, 0 by default.</summary>
internal static class PageRoutes
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static void Map(IEndpointRouteBuilder web, ResultsReader[] readers, TimeProvider clock)
    {
        web.MapGet("/", (RequestDelegate)(context => Send(context, "text/html; charset=utf-8", PageAssets.Page)));
        web.MapGet("/web/{**path}", (RequestDelegate)(context => context.GetRouteValue("path") is string path && PageAssets.Find(path) is { } asset
            ? Send(context, asset.Type, asset.Bytes)
            : NotFound(context, "There is no such file.")));
        web.MapGet("/favicon.ico", (RequestDelegate)(context => Send(context, "image/svg+xml", PageAssets.Find("icon.svg")!.Bytes)));
        web.MapGet("/api/runs", (RequestDelegate)(context => Json(context, Runs(readers))));
        Answer(web, readers, "/api/board", (reader, query) => BoardJson.Of(reader.Board, NameOf(reader), query["known"]));
        Answer(web, readers, "/api/activity", (reader, _) => reader.Ask((activity, board) => BoardJson.Of(activity, board, clock.GetUtcNow())));
        Answer(web, readers, "/api/cell", (reader, query) =>
            Enum.TryParse<Exposure>(Word(query, "exposure").Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var exposure)
                ? new CellReading(reader.Folder).Of(new AttackerKey(Word(query, "defense"), Word(query, "attack"), exposure))
                : null);
        Answer(web, readers, "/api/answers", (reader, query) =>
            int.TryParse(query["step"], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                ? new CellReading(reader.Folder).Answers(Word(query, "phase"), step)
                : null);
        Answer(web, readers, "/api/log", (reader, query) => new CellReading(reader.Folder).Log(Word(query, "phase")));
        web.MapGet("/api/events", (RequestDelegate)(context => TellAsync(context, readers)));
    }

    private static string Word(IQueryCollection query, string name) => (string?)query[name] ?? "";

    private static void Answer(IEndpointRouteBuilder web, ResultsReader[] readers, string path,
        Func<ResultsReader, IQueryCollection, byte[]?> answer)
    {
        web.MapGet(path, (RequestDelegate)(async context =>
        {
            if (ReaderOf(context, readers) is not { } reader)
            {
                await NotFound(context, "There is no such run.");
                return;
            }

            try
            {
                await (answer(reader, context.Request.Query) is { } bytes ? Json(context, bytes) : NotFound(context, "Nothing of that is stored."));
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                // Damaged, or gone while it was read: the page says so in its place.
                context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                await context.Response.WriteAsync(e.Message);
            }
        }));
    }

    /// <summary>Server-sent events: one whenever a folder has something new. Whoever comes back is told where things stand.</summary>
    private static async Task TellAsync(HttpContext context, ResultsReader[] readers)
    {
        var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted,
            context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("retry: 1000\n\n", ending.Token);
        var told = new string[readers.Length];
        try
        {
            while (!ending.IsCancellationRequested)
            {
                var news = Task.WhenAny(readers.Select(r => r.News));
                for (var i = 0; i < readers.Length; i++)
                {
                    if (told[i] == readers[i].Stamp) continue;
                    told[i] = readers[i].Stamp;
                    await context.Response.WriteAsync(Event(i, readers[i]), ending.Token);
                }

                await context.Response.Body.FlushAsync(ending.Token);
                if (await Task.WhenAny(news, Task.Delay(Heartbeat, ending.Token)) != news)
                    await context.Response.WriteAsync(": still here\n\n", ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The browser left, or the program ends.
        }
        finally
        {
            ending.Dispose();
        }
    }

    private static string Event(int run, ResultsReader reader) =>
        $"event: news\nid: {reader.Stamp}\ndata: {{\"run\":{run.ToString(CultureInfo.InvariantCulture)},\"board\":\"{reader.Board.Version}\"}}\n\n";

    private static byte[] Runs(ResultsReader[] readers) => BoardJson.Write(json => BoardJson.Strings(json, "runs", readers.Select(NameOf)));

    private static string NameOf(ResultsReader reader) => Path.GetFileName(reader.Folder.BoardPath);

    private static ResultsReader? ReaderOf(HttpContext context, ResultsReader[] readers)
    {
        var asked = (string?)context.Request.Query["run"];
        if (asked is null) return readers[0];
        return int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var run) ? readers.ElementAtOrDefault(run) : null;
    }

    private static Task Json(HttpContext context, byte[] bytes) => Send(context, "application/json; charset=utf-8", bytes);

    private static async Task Send(HttpContext context, string type, ReadOnlyMemory<byte> bytes)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (HttpMethods.IsGet(context.Request.Method)) await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static Task NotFound(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(why), context.RequestAborted).AsTask();
    }
}
