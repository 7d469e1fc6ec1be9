using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Generation;

/// <summary>Prompts that are continued together. Rows that have ended leave it, so that what is still open alone is computed.</summary>
internal sealed class GenerationBatch : IDisposable
{
    /// <summary>One part in this many must have ended: leaving copies the cache of those that stay.</summary>
    private const int LeavingPart = 8;

    private readonly CausalLanguageModel _model;
    private readonly ITokenChoice _choice;
    private readonly int _limit;
    private readonly KeyValueCache _cache;
    private readonly List<int>[] _answers;
    private Tensor _input;

    /// <summary>Prompt of each row of the tensors.</summary>
    private int[] _rows;

    /// <summary>Leading padding of each row of the tensors.</summary>
    private int[] _padding;

    public GenerationBatch(CausalLanguageModel model, int[][] prompts, ITokenChoice choice, int padId, int maximumNewTokens)
    {
        (_model, _choice, _limit) = (model, choice, maximumNewTokens);
        var longest = prompts.Max(p => p.Length);
        var ids = new long[prompts.Length * longest];
        Array.Fill(ids, padId);
        for (var row = 0; row < prompts.Length; row++)
            for (var t = 0; t < prompts[row].Length; t++)
                ids[row * longest + longest - prompts[row].Length + t] = prompts[row][t];
        _rows = [.. Enumerable.Range(0, prompts.Length)];
        _padding = [.. prompts.Select(p => longest - p.Length)];
        _answers = [.. prompts.Select(_ => new List<int>())];
        var device = model.Arena.Flat.device;
        _input = torch.tensor(ids, [prompts.Length, longest], device: device).DetachFromDisposeScope();
        // The last token is never put in.
        _cache = new KeyValueCache(model.Shape.Blocks, torch.tensor(_padding.Select(p => (long)p).ToArray(), device: device),
            longest + maximumNewTokens - 1);
    }

    /// <returns>New tokens per prompt, without the end token.</returns>
    public int[][] Run(IReadOnlySet<int> ends)
    {
        using var inference = torch.no_grad();
        var ended = new HashSet<int>();
        for (var step = 0; step < _limit && ended.Count < _answers.Length; step++)
        {
            using var scope = torch.NewDisposeScope();
            var next = _choice.Next(LastLogits(), _rows);
            var tokens = next.cpu().data<long>().ToArray();
            for (var row = 0; row < tokens.Length; row++)
            {
                if (ended.Contains(_rows[row])) continue;
                if (ends.Contains((int)tokens[row])) ended.Add(_rows[row]);
                else _answers[_rows[row]].Add((int)tokens[row]);
            }

            _input.Dispose();
            _input = Kept(next, ended).unsqueeze(1).DetachFromDisposeScope();
        }

        return [.. _answers.Select(a => a.ToArray())];
    }

    public void Dispose()
    {
        _input.Dispose();
        _cache.Dispose();
    }

    /// <summary>Of each row's last position: [rows, vocabulary].</summary>
    private Tensor LastLogits()
    {
        var ends = torch.arange(_input.shape[1] - 1, _input.numel(), _input.shape[1], dtype: ScalarType.Int64, device: _input.device);
        var logits = _model.Unembed(_model.FinalNorm(_model.BlocksAt(_input, ends, _cache)));
        return logits.view(_rows.Length, -1);
    }

    /// <summary>The tokens of the rows that stay, once enough of the others have ended; all rows before that.</summary>
    private Tensor Kept(Tensor tokens, HashSet<int> ended)
    {
        int[] stay = [.. Enumerable.Range(0, _rows.Length).Where(row => !ended.Contains(_rows[row]))];
        if (stay.Length == 0 || (_rows.Length - stay.Length) * LeavingPart < _rows.Length || stay.Length == _rows.Length) return tokens;
        var common = stay.Min(row => _padding[row]);
        var index = torch.tensor(stay.Select(row => (long)row).ToArray(), device: tokens.device);
        _cache.Keep(index, common);
        (_rows, _padding) = ([.. stay.Select(row => _rows[row])], [.. stay.Select(row => _padding[row] - common)]);
        return tokens.index_select(0, index);
    }
}
