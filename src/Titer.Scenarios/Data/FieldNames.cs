using System.Text.RegularExpressions;

namespace Titer.Scenarios.Data;

/// <summary>
/// Names of fields in messages. What stands in the place of a name may be a row's text (a CSV file without
/// a header line, an object with texts for keys), and no
/// command prints a row: only single words are repeated, and of a header line only those that data sets really have.
/// </summary>
internal static partial class FieldNames
{
    private const int MostNames = 20;

    private static readonly HashSet<string> HeaderWords = new(
        ("answer answers assistant attack behavior behaviour categories category chosen class code completion context conversation conversations "
            + "conversation_id criterion data date description difficulty domain english explanation final_prompt focus functional_category goal "
            + "harm harm_area harm_category harmful history human id identifier index input instruction instructions is_harmful is_response_safe "
            + "is_safe jailbreak jailbreak_query label labels lang language level message messages model name notes output policy prediction "
            + "prompt prompt_label prompt_length question question_id reference rejected refusal response responses risk_area role score "
            + "semantic_category semanticcategory source split style subcategory subset system tag tags target task text title topic toxicity "
            + "translation turn turns type types_of_harm url user value version violated_policy").Split(' '),
        StringComparer.OrdinalIgnoreCase);

    public static string Of(DataRow row)
    {
        string[] names = [.. row.Fields.EnumerateObject().Select(field => field.Name)];
        return names.Length == 0
            ? "none"
            : string.Join(", ", names.Take(MostNames).Select(name => Printed(name, row.IsOfHeader)))
                + (names.Length > MostNames ? $" and {names.Length - MostNames} more" : "");
    }

    private static string Printed(string name, bool isOfHeader) =>
        isOfHeader ? HeaderWords.Contains(name) ? $"'{name}'" : $"a name of {name.Length} characters"
        : Word().IsMatch(name) ? $"'{name}'" : $"a name of {name.Length} characters";

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.-]{0,39}$", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
