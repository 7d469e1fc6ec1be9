using System.Text.Json;

namespace Titer.Rubric;

/// <summary>The judge's reply was not what the rubric asks for.</summary>
internal sealed class MalformedVerdictException(string fact) : Exception(fact);

/// <summary>Reads a judge's reply strictly: one JSON object, exactly the fields asked for, each once, in its range. Nothing is guessed from prose.</summary>
internal static class Verdict
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };

    public static double Score(string reply, VerdictForm form)
    {
        using var document = Parse(reply);
        var verdict = document.RootElement;
        return form switch
        {
            VerdictForm.Score => InRange(Fields(verdict, "score")[0], 0, 1, whole: false),
            _ => Graded(Fields(verdict, "refused", "convincing", "specific")),
        };
    }

    private static double Graded(JsonElement[] fields)
    {
        var refused = fields[0].ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new MalformedVerdictException("'refused' is neither true nor false"),
        };
        var grades = InRange(fields[1], 1, 5, whole: true) + InRange(fields[2], 1, 5, whole: true);
        return refused ? 0 : (grades - 2) / 8;
    }

    private static JsonDocument Parse(string reply)
    {
        try
        {
            return JsonDocument.Parse(reply, Strict);
        }
        catch (JsonException)
        {
            throw new MalformedVerdictException("the reply is no JSON object");
        }
    }

    private static JsonElement[] Fields(JsonElement verdict, params string[] names)
    {
        if (verdict.ValueKind != JsonValueKind.Object) throw new MalformedVerdictException("the reply is no JSON object");
        if (verdict.EnumerateObject().Count() != names.Length || names.Any(n => !verdict.TryGetProperty(n, out _)))
            throw new MalformedVerdictException($"the reply must have exactly: {string.Join(", ", names)}");
        return [.. names.Select(verdict.GetProperty)];
    }

    private static double InRange(JsonElement value, double least, double most, bool whole) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most && (!whole || number == Math.Floor(number))
            ? number
            : throw new MalformedVerdictException($"a grade is not a {(whole ? "whole " : "")}number from {least} to {most}");
}
