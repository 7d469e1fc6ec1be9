using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Titer.View.Hosting;

/// <summary>What becomes of something that was sent.</summary>
/// <param name="Refusal">Code, fact and fix; null where it was taken.</param>
internal sealed record TakenUpload(string? Sha256, string? Refusal);

/// <summary>Where a page takes something in.</summary>
/// <param name="Folder">Where it lies until it was looked at: names that begin with a dot, in the file system that it goes to.</param>
/// <param name="Take">Looks at the file, and moves it to where it goes or refuses it. Never throws for what is in it.</param>
internal sealed record UploadOptions(PageToken Token, long MostBytes, string Folder, Func<string, TakenUpload> Take);

/// <summary>
/// The one thing that a page takes in: <c>POST /api/submissions</c>, with a token of its own, a few at
/// a time and no larger than they may be. Each goes to a
/// file of the host's naming, and what becomes of that is the league's to say; nothing of what was sent runs, and nothing of it is shown.
/// </summary>
internal sealed class SubmissionDoor(UploadOptions options) : IDisposable
{
    /// <summary>Uploads at the same time: one that crawls holds up no other, and many do not fill the disk.</summary>
    private const int Together = 4;

    public const string Path = "/api/submissions";
    private readonly SemaphoreSlim _few = new(Together);

    public async Task PassAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
        // Before a byte of it is read.
        if (!options.Token.Is(PageGuard.Bearer(request)))
        {
            await Say(response, StatusCodes.Status401Unauthorized,
                "TITER732 Submissions need the token that the league's operator gives out (--token).");
            return;
        }

        if (request.ContentLength is not { } length || length > options.MostBytes)
        {
            await Say(response, request.ContentLength is null ? StatusCodes.Status411LengthRequired : StatusCodes.Status413PayloadTooLarge,
                $"TITER733 A submission has a length, of {options.MostBytes} bytes at most. Hand in less, for example without --results.");
            return;
        }

        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = options.MostBytes;
        await _few.WaitAsync(context.RequestAborted);
        var file = System.IO.Path.Combine(options.Folder, $".upload-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(options.Folder);
            await using (var stored = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                await request.Body.CopyToAsync(stored, context.RequestAborted);
            var taken = await Task.Run(() => options.Take(file), context.RequestAborted);
            if (taken.Refusal is { } refusal) await Say(response, StatusCodes.Status422UnprocessableEntity, refusal);
            else
            {
                response.ContentType = "application/json; charset=utf-8";
                response.StatusCode = StatusCodes.Status202Accepted;
                await response.WriteAsync($"{{\"bundle\":\"{JsonEncodedText.Encode(taken.Sha256 ?? "")}\"}}\n");
            }
        }
        finally
        {
            File.Delete(file);
            _few.Release();
        }
    }

    public void Dispose() => _few.Dispose();

    private static Task Say(HttpResponse response, int status, string message)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.Body.WriteAsync(Encoding.UTF8.GetBytes(message + "\n")).AsTask();
    }
}
