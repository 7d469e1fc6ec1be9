namespace Titer.Sdk;

/// <summary>
/// A way to ask, of an attack that changes what is said to the model and not only its weights: text around every forbidden prompt, and the beginning
/// of the answer, which the model goes on from. The host asks; what was put into the model's mouth is not judged.
/// </summary>
/// <param name="Name">Names the column of answers; unique in the attack.</param>
/// <param name="Text">Holds <c>{prompt}</c> once.</param>
/// <param name="AnswerBeginning">Put at the beginning of the answer (prefilling); empty for none.</param>
public sealed record PromptWrapper(string Name, string Text = PromptWrapper.Placeholder, string AnswerBeginning = "")
{
    public const string Placeholder = "{prompt}";

    /// <summary>Of one attack.</summary>
    public const int MostWrappers = 16;

    /// <summary>Of a name, a text or a beginning.</summary>
    internal const int MostCharacters = 4000;

    /// <summary>The text with the prompt in it.</summary>
    public string Apply(string prompt) => Text.Replace(Placeholder, prompt, StringComparison.Ordinal);

    /// <summary>What is wrong with some, as a whole sentence; null when nothing is.</summary>
    internal static string? Problem(IReadOnlyList<PromptWrapper> wrappers)
    {
        if (wrappers.Count > MostWrappers) return $"There are {wrappers.Count} wrappers; an attack has at most {MostWrappers}.";
        if (wrappers.GroupBy(w => w.Name,
            StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice) return $"Two wrappers are called '{twice.Key}'.";
        foreach (var wrapper in wrappers)
        {
            if (wrapper.Name.Length == 0 || wrapper.Name.Any(char.IsControl)) return "A wrapper has no name, or one with control characters.";
            if (wrapper.Text.Split(Placeholder).Length != 2) return $"The text of wrapper '{wrapper.Name}' does not hold {Placeholder} once.";
            if (wrapper.Name.Length + wrapper.Text.Length + wrapper.AnswerBeginning.Length > MostCharacters)
                return $"Wrapper '{wrapper.Name[..Math.Min(40, wrapper.Name.Length)]}' has more than {MostCharacters} characters.";
        }

        return null;
    }
}
