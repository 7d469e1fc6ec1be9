using System.Text;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Results;

/// <summary>A stored result is believed only while it is what was written.</summary>
public sealed class PhaseFileTests
{
    private static readonly PhaseResultReader Reader = new();

    private static readonly PhaseResult Result = new()
    {
        PhaseId = "0123456789abcdef",
        Kind = PhaseKind.Attack,
        Defense = "d",
        Attack = "a",
        Seed = 1,
        Status = PhaseStatus.Done,
        WeightsHash = new string('a', 64),
        Trajectory = new Trajectory
        {
            Templates = ["plain"],
            HarmPrompts = ["hex/1"],
            UtilityPrompts = ["soup/1"],
            Checkpoints = [new Checkpoint { Step = 0, Harm = [[0.25]], Utility = [1], Coherence = 1 }],
        },
    };

    [Fact]
    public void What_was_written_is_read() =>
        Assert.Equal(TournamentJson.Serialize(Result), TournamentJson.Serialize(Read(PhaseFile.Text(Result))));

    [Fact]
    public void It_is_JSON_for_everybody_else()
    {
        using var document = System.Text.Json.JsonDocument.Parse(PhaseFile.Text(Result));
        Assert.Equal(64, document.RootElement.GetProperty("checksum").GetString()!.Length);
    }

    [Fact]
    public void Every_changed_byte_is_noticed()
    {
        var text = Encoding.UTF8.GetBytes(PhaseFile.Text(Result));
        for (var at = 0; at < text.Length; at++)
        {
            foreach (var bit in new[] { 1, 4, 32 })
            {
                var changed = (byte[])text.Clone();
                changed[at] ^= (byte)bit;
                Assert.Throws<InvalidDataException>(() => Read(Encoding.UTF8.GetString(changed)));
            }
        }
    }

    [Fact]
    public void Every_cut_is_noticed()
    {
        var text = PhaseFile.Text(Result);
        for (var length = 0; length < text.Length - 1; length++) Assert.Throws<InvalidDataException>(() => Read(text[..length]));
    }

    [Fact]
    public void A_file_of_an_older_host_is_read_without_a_checksum() =>
        Assert.Equal(2, Read(TournamentJson.Serialize(Result with { Version = 2 })).Version);

    private static PhaseResult Read(string text) => PhaseFile.Parse(text, Reader);
}
