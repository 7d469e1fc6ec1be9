using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Titer.View.Hosting;

/// <summary>
/// Who gets an answer: only reading, only under this machine's own names (a page of another site that points its name here gets nothing), never for
/// another site's page, and only with the token.
/// </summary>
internal sealed class PageGuard(PageToken token, IPAddress listen, IReadOnlyList<string> hostNames)
{
    /// <summary>What a page may load and do: what this program serves, and nothing else.</summary>
    private const string Policy = "default-src 'none'; script-src 'self' {0}; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Cookies of one machine are shared by all its ports.</summary>
    public static string CookieName(int port) => FormattableString.Invariant($"titer-{port}");

    /// <param name="scriptHash">Of the one script that stands in the page itself.</param>
    public async Task PassAsync(HttpContext context, string scriptHash, Func<Task> next)
    {
        var response = context.Response;
        response.Headers.ContentSecurityPolicy = Policy.Replace("{0}", scriptHash, StringComparison.Ordinal);
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers.CacheControl = "no-store";
        if (Refusal(context.Request) is { } refusal)
        {
            response.StatusCode = refusal.Status;
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync(refusal.Message + "\n");
            return;
        }

        var port = context.Connection.LocalPort;
        if (token.Is(context.Request.Query["token"]))
        {
            response.Cookies.Append(CookieName(port), token.Text,
                new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", Secure = context.Request.IsHttps });
        }
        else if (!token.Is(context.Request.Cookies[CookieName(port)]) && !token.Is(Bearer(context.Request)))
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync("TITER672 This page is for whoever started it. Open the address that 'titer view' printed, with the token in "
                + "it.\n");
            return;
        }

        await next();
    }

    private (int Status, string Message)? Refusal(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            return (StatusCodes.Status405MethodNotAllowed, "This page only shows: GET alone is answered.");
        if (!IsOurs(request.Host))
            return (StatusCodes.Status403Forbidden, "TITER673 This program is not known by the name that the request asked for. Open the printed "
                + "address, or name the host with --host.");
        // Fetches of other sites' pages; a link on one may be followed, and still needs the token.
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var isForeign = (site.Length > 0 && site is not ("same-origin" or "none") && request.Headers["Sec-Fetch-Mode"] != "navigate")
            || (request.Headers.Origin is { Count: > 0 } origin && !IsOwn(origin, request));
        return isForeign ? (StatusCodes.Status403Forbidden, "TITER674 Another site's page asked for this one. Open it in a tab of its own.") : null;
    }

    private static bool IsOwn(StringValues origin, HttpRequest request) => Uri.TryCreate(origin.ToString(), UriKind.Absolute, out var uri)
        && string.Equals(uri.Authority, new Uri($"{uri.Scheme}://{request.Host}").Authority, StringComparison.OrdinalIgnoreCase);

    private bool IsOurs(HostString host)
    {
        var name = host.Host.Trim('[', ']');
        if (hostNames.Contains(name, StringComparer.OrdinalIgnoreCase)) return true;
        if (IPAddress.IsLoopback(listen)) return name == "localhost" || (IPAddress.TryParse(name, out var own) && IPAddress.IsLoopback(own));
        // Open to the network: a bare address is no name that another site could have pointed here.
        return name == "localhost" || IPAddress.TryParse(name, out _);
    }

    internal static string? Bearer(HttpRequest request)
    {
        const string scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(scheme, StringComparison.Ordinal) ? header[scheme.Length..] : null;
    }
}
