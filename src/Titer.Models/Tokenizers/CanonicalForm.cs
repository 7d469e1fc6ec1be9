using System.Globalization;
using System.Text;

namespace Titer.Models.Tokenizers;

/// <summary>
/// Unicode's canonical forms NFD and NFC (Unicode Standard Annex 15). <see cref="string.Normalize()"/> does
/// nothing when globalization is invariant, as it is in Titer
/// so that no answer depends on a machine's libraries.
/// </summary>
internal static class CanonicalForm
{
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Trails = 28, Syllables = Leads * Vowels * Trails;
    private static readonly Dictionary<int, int> Classes = [];
    private static readonly Dictionary<int, int[]> Decompositions = [];
    private static readonly Dictionary<(int, int), int> Compositions = [];

    static CanonicalForm()
    {
        using var reader = new StreamReader(typeof(CanonicalForm).Assembly.GetManifestResourceStream("canonical.txt")!);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            var fields = line.Split(';');
            var point = Hexadecimal(fields[0]);
            if (fields[1].Length > 0) Classes[point] = int.Parse(fields[1], CultureInfo.InvariantCulture);
            if (fields[2].Length == 0) continue;
            int[] parts = [.. fields[2].Split(' ').Select(Hexadecimal)];
            Decompositions[point] = parts;
            if (fields[3].Length == 0) Compositions[(parts[0], parts[1])] = point;
        }
    }

    /// <summary>NFD.</summary>
    public static string Decompose(string text) => Ascii.IsValid(text) ? text : Text(Points(text));

    /// <summary>NFC.</summary>
    public static string Compose(string text)
    {
        if (Ascii.IsValid(text)) return text;
        var points = Points(text);
        var result = new List<int>();
        var starter = -1;
        var lastClass = 0;
        foreach (var point in points)
        {
            var combiningClass = Classes.GetValueOrDefault(point);
            // Blocked when something of the same or a higher class stands between the starter and this.
            if (starter >= 0 && (starter == result.Count - 1 || lastClass < combiningClass) && Pair(result[starter], point) is { } composed)
            {
                result[starter] = composed;
                continue;
            }

            if (combiningClass == 0) starter = result.Count;
            lastClass = combiningClass;
            result.Add(point);
        }

        return Text(result);
    }

    private static int? Pair(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + Leads && second is >= VowelBase and < VowelBase + Vowels)
            return SyllableBase + ((first - LeadBase) * Vowels + second - VowelBase) * Trails;
        if (first is >= SyllableBase and < SyllableBase + Syllables && (first - SyllableBase) % Trails == 0
            && second is > TrailBase and < TrailBase + Trails)
            return first + second - TrailBase;
        return Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    /// <summary>Fully decomposed, marks in canonical order.</summary>
    private static List<int> Points(string text)
    {
        var points = new List<int>();
        foreach (var rune in text.EnumerateRunes()) Add(rune.Value);
        for (var i = 0; i < points.Count;)
        {
            var end = i;
            while (end < points.Count && Classes.ContainsKey(points[end])) end++;
            // A stable sort, as the standard demands.
            if (end - i > 1)
            {
                int[] sorted = [.. points.GetRange(i, end - i).OrderBy(p => Classes[p])];
                for (var j = 0; j < sorted.Length; j++) points[i + j] = sorted[j];
            }

            i = end + 1;
        }

        return points;

        void Add(int point)
        {
            if (point is >= SyllableBase and < SyllableBase + Syllables)
            {
                var syllable = point - SyllableBase;
                points.Add(LeadBase + syllable / (Vowels * Trails));
                points.Add(VowelBase + syllable % (Vowels * Trails) / Trails);
                if (syllable % Trails > 0) points.Add(TrailBase + syllable % Trails);
            }
            else if (Decompositions.TryGetValue(point, out var parts))
            {
                foreach (var part in parts) Add(part);
            }
            else
            {
                points.Add(point);
            }
        }
    }

    private static string Text(List<int> points)
    {
        var text = new StringBuilder(points.Count);
        foreach (var point in points) text.Append(new Rune(point));
        return text.ToString();
    }

    private static int Hexadecimal(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
