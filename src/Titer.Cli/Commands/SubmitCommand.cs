using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Submissions;

namespace Titer.Cli.Commands;

/// <summary>Hands a packed plugin in to a league: one signed file with the author's own results, every try, and what it knew.</summary>
internal sealed class SubmitCommand(IAnsiConsole console) : ICliCommand
{
    private const string TokenVariable = "TITER_SUBMIT_TOKEN";
    private const int MostReplyCharacters = 2000;

    /// <summary>A league reads the bundle and has its package pass the gate before it answers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Argument<string> _package = new("package") { Description = "The plugin's package ('titer plugin pack')." };
    private readonly Option<string> _to =
        new("--to") { Required = true, Description = "The league's folder for submissions, or the address of its page." };
    private readonly Option<string> _key = new("--sign") { Required = true,
        Description = "SSH key that signs it: a private key, or the public one of a key that an agent holds. It stands for the author." };
    private readonly Option<string?> _results = new("--results") { Description = "Results folder of the author's own run, handed in with it." };
    private readonly Option<string?> _row = new("--row") { Description = "The plugin's row there, where it has several." };
    private readonly Option<string?> _tuning = new("--tuning") { Description = "Log of every try: a tuning.json that 'titer tune' wrote." };
    private readonly Option<bool> _tuned =
        new("--tuned-on-these-attacks") { Description = "Disclose: its options were chosen by what attacks of this league did to it." };
    private readonly Option<string> _data = new("--data-used") { DefaultValueFactory = _ => "none",
        Description = "Disclose: data that made it what it is, beyond what a defense is given." };
    private readonly Option<string?> _parent = new("--public-parent") { Description = "Disclose: public weights that it was made with." };
    private readonly Option<string?> _token =
        new("--token") { Description = $"What the league's operator gave out for uploads; default ${TokenVariable}." };
    private readonly JsonOption _json = new("submit-json");

    public Command Build()
    {
        var command =
            new Command("submit", "Hand a packed plugin in to a league: one signed file with own results, tries and disclosures.") { _package };
        foreach (var option in new Option[] { _to, _key, _results, _row, _tuning, _tuned, _data, _parent, _token, _json })
            command.Options.Add(option);
        command.SetAction(SubmitAsync);
        return command;
    }

    private async Task<int> SubmitAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var to = parsed.GetValue(_to)!;
        var url = to.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || to.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            ? new Uri(to) : null;
        if (url is null && !Directory.Exists(to))
            throw new ConfigurationException(
                $"TITER734 There is no folder '{to}', and it is no address. Name the league's folder for submissions, or http://...");
        using var scratch = ScratchFolder.Create();
        var made = Path.Combine(scratch.Path, "bundle" + SubmissionBundle.Extension);
        var statement = SubmissionWriter.Write(new SubmissionRequest
        {
            Package = parsed.GetValue(_package)!,
            KeyFile = parsed.GetValue(_key)!,
            Disclosures = new SubmissionDisclosures(parsed.GetValue(_tuned), parsed.GetValue(_data)!, parsed.GetValue(_parent)),
            Results = parsed.GetValue(_results),
            Label = parsed.GetValue(_row),
            Tuning = parsed.GetValue(_tuning),
            HostVersion = TournamentOptions.HostVersion,
            Key = StoredRun.Key(),
        }, made);
        var sha256 = RegularFile.HashOf(made)!;
        var at = url is null ? Laid(made, to, $"{statement.Id}-{statement.Version.Split('+')[0]}-{sha256[..12]}{SubmissionBundle.Extension}")
            : await SentAsync(made, url, parsed.GetValue(_token) ?? Environment.GetEnvironmentVariable(TokenVariable), cancellation);
        if (parsed.GetValue(_json))
            JsonOutput.Write(
                new SubmitDocument(statement.Id, statement.Version, statement.ContentSha256, sha256, at, statement.Files.Count, statement.Tries,
                statement.Claim?.Titer), PrintedJson.Default.SubmitDocument);
        else
            console.Profile.Out.Writer.WriteLine(
                $"{statement.Id} {statement.Version}: handed in as {at} ({sha256}). The league says what becomes of it.");
        return ExitCodes.Success;
    }

    private static string Laid(string made, string folder, string name)
    {
        var target = Path.Combine(Path.GetFullPath(folder), name);
        // Under a name that begins with a dot nobody looks at it.
        var coming = Path.Combine(Path.GetFullPath(folder), "." + name);
        File.Copy(made, coming, overwrite: true);
        ReplacedFile.Commit(coming, target);
        return target;
    }

    internal static async Task<string> SentAsync(string made, Uri page, string? token, CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = Patience };
        using var content = new StreamContent(File.OpenRead(made));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(page, "/api/submissions")) { Content = content };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await client.SendAsync(request, cancellation);
            var said = VisibleText.OnOneLine((await response.Content.ReadAsStringAsync(cancellation)).Trim(), MostReplyCharacters);
            return response.StatusCode == HttpStatusCode.Accepted ? page.GetLeftPart(UriPartial.Authority) : throw new ConfigurationException(
                $"TITER734 {page.Authority} did not take it ({(int)response.StatusCode}): {said}");
        }
        catch (HttpRequestException e)
        {
            throw new ConfigurationException(
                $"TITER734 {page.Authority} cannot be reached: {e.Message.TrimEnd('.')}. Check the address, or hand it in as a "
                + "file with --to FOLDER.");
        }
    }
}
