using Titer.Models.Tokenizers;
using Titer.Scenarios.Data;
using Titer.Scenarios.Data.Jinja;

namespace Titer.Scenarios.Judges;

/// <summary>
/// What a judge reads, as tokens: the template with a question and an answer in it. What the template spells of control tokens is control tokens;
/// of question and answer nothing is. Only the answer is cut where all of it is too long.
/// </summary>
internal sealed class JudgePrompt
{
    private readonly ITextTokenizer _tokenizer;
    private readonly JudgeProfile _profile;
    private readonly JinjaTemplate? _own;
    private readonly Dictionary<string, object?> _variables = [];
    private readonly string _template = "";
    private readonly int _maxLength;

    /// <param name="templateFile">Null for a profile that uses the checkpoint's own template.</param>
    /// <param name="contextLength">Tokens that the judge reads at most.</param>
    /// <exception cref="ScenarioException">There is no template, or none with these slots.</exception>
    public JudgePrompt(JudgeProfile profile, string folder, string? templateFile, ITextTokenizer tokenizer, int contextLength)
    {
        (_profile, _tokenizer, _maxLength) = (profile, tokenizer, Math.Min(profile.MaxLength, contextLength));
        if (profile.UsesOwnTemplate)
        {
            var own = OwnTemplate(profile, folder);
            _own = Parsed(own.Text);
            foreach (var (name, token) in own.Tokens) _variables[name] = MarkedText.Of(token);
            return;
        }

        _template = FileTemplate(profile, templateFile);
    }

    /// <summary>The text that a judge is asked with, for its hash.</summary>
    /// <exception cref="ScenarioException">There is none, or none with these slots.</exception>
    public static string TemplateOf(JudgeChoice choice) =>
        choice.Profile.UsesOwnTemplate ? OwnTemplate(choice.Profile, choice.Folder).Text : FileTemplate(choice.Profile, choice.TemplateFile);

    private static TokenizerTemplate OwnTemplate(JudgeProfile profile, string folder) => ChatFormatChoice.OwnTemplate(folder)
        ?? throw new ScenarioException(
            $"TITER581 {folder} ships no chat template, which the profile '{profile.Name}' asks with. Is it one of {profile.Models}?");

    private static string FileTemplate(JudgeProfile profile, string? file)
    {
        if (file is null || !File.Exists(file))
            throw new ScenarioException($"TITER581 The profile '{profile.Name}' asks with a text of its model card ({profile.Models}), which is not "
                + $"shipped here. Save it to a file with {{{profile.Slots.Question}}} and {{{profile.Slots.Answer}}} in it, and name the file as "
                + "template.");
        var text = File.ReadAllText(file).ReplaceLineEndings("\n");
        foreach (var slot in (string[])[profile.Slots.Question, profile.Slots.Answer])
            if (text.Split($"{{{slot}}}").Length != 2)
                throw new ScenarioException($"TITER581 {file} has the slot {{{slot}}} not exactly once. Take the text as the model card has it.");
        return text;
    }

    /// <returns>Null when even the question alone is too long.</returns>
    /// <param name="room">Tokens that are forced behind it.</param>
    public int[]? Of(string question, string answer, int room)
    {
        var most = _maxLength - room;
        if (Tokens(question, answer) is var whole && whole.Length <= most) return whole;
        if (Tokens(question, "").Length > most) return null;
        // The longest cut that fits: tokens grow with characters, near enough, and what does not fit is never taken.
        var (fits, tooLong, best) = (0, answer.Length, Array.Empty<int>());
        while (tooLong - fits > 1)
        {
            var middle = (fits + tooLong) / 2;
            var tokens = Tokens(question, Cut(answer, middle));
            if (tokens.Length <= most) (fits, best) = (middle, tokens);
            else tooLong = middle;
        }

        return best.Length > 0 ? best : Tokens(question, "");
    }

    private string Cut(string answer, int characters)
    {
        var cut = _profile.KeepsBeginning ? answer[..characters] : answer[^characters..];
        // Half of a pair is no character.
        return _profile.KeepsBeginning && cut.Length > 0 && char.IsHighSurrogate(cut[^1]) ? cut[..^1]
            : !_profile.KeepsBeginning && cut.Length > 0 && char.IsLowSurrogate(cut[0]) ? cut[1..] : cut;
    }

    private int[] Tokens(string question, string answer)
    {
        var writer = new ChatWriter(_tokenizer, _tokenizer.Control);
        if (_own is null) writer.Begin();
        writer.Marked(_own is null ? Filled(question, answer) : Rendered(question, answer));
        if (_profile.EndsText) writer.EndOfText();
        return writer.Cut();
    }

    private MarkedText Filled(string question, string answer)
    {
        var slots = new Dictionary<string, string> { [$"{{{_profile.Slots.Question}}}"] = question, [$"{{{_profile.Slots.Answer}}}"] = answer };
        var (text, rest) = (MarkedText.Empty, _template);
        while (slots.Keys.Where(s => rest.Contains(s, StringComparison.Ordinal)).MinBy(s => rest.IndexOf(s, StringComparison.Ordinal)) is { } next)
        {
            var at = rest.IndexOf(next, StringComparison.Ordinal);
            text += MarkedText.Of(rest[..at]) + MarkedText.Of(slots[next], MarkedText.OfRow);
            rest = rest[(at + next.Length)..];
        }

        return text + MarkedText.Of(rest);
    }

    private MarkedText Rendered(string question, string answer)
    {
        static JinjaMap Message(string role, string text) =>
            new() { ["role"] = MarkedText.Of(role), ["content"] = MarkedText.Of(text, MarkedText.OfRow) };
        try
        {
            return _own!.Render(new Dictionary<string, object?>(_variables, StringComparer.Ordinal)
            {
                ["messages"] = new List<object?> { Message("user", question), Message("assistant", answer) },
                ["add_generation_prompt"] = true,
            });
        }
        catch (JinjaException e)
        {
            throw new ScenarioException($"TITER581 The judge's chat template {e.Message}. Is it one of {_profile.Models}?", e);
        }
    }

    private JinjaTemplate Parsed(string template)
    {
        try
        {
            return JinjaTemplate.Parse(template);
        }
        catch (JinjaException e)
        {
            throw new ScenarioException($"TITER581 The judge's chat template {e.Message}. Is it one of {_profile.Models}?", e);
        }
    }
}
