using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Runtime.Authoring;
using Titer.Runtime.Configuration;
using Titer.Runtime.Workers;
using Titer.Scenarios.Judges;

namespace Titer.Cli.Commands;

/// <summary>Holds local judges against people's verdicts, in a worker: this process loads no torch.</summary>
internal sealed class JudgeCheckCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var file = new Argument<string>("file") { Description = "Answers that people judged: CSV, JSON lines or Parquet." };
        var judges = new Option<string[]>("--judge")
        {
            Required = true,
            Description = "PROFILE=FOLDER, or PROFILE=FOLDER,TEMPLATE for a profile that asks with a text of its model card. Several are a panel.",
            AllowMultipleArgumentsPerToken = true,
        };
        var prompt = Column("--prompt", "Prompt", "the question");
        var answer = Column("--answer", "Generation", "the answer");
        var label = Column("--label", "Human_Judgement", "what people said");
        var attack = Column("--attack", "Attack", "what made the answer");
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var json = new JsonOption("judge-check-json");
        var command = new Command("judge-check", "How well a local judge goes with people: AUC, kappa, errors, per attack; rows not read.")
        {
            file, judges, prompt, answer, label, attack, device, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var order = new JudgeCheckOrder([.. parsed.GetValue(judges)!.Select(Judge)], Path.GetFullPath(parsed.GetValue(file)!),
                parsed.GetValue(prompt)!, parsed.GetValue(answer)!, parsed.GetValue(label)!, parsed.GetValue(attack)!);
            var asJson = parsed.GetValue(json);
            var supervisor = new SubjectSupervisor(WorkerProgram.Dll, WorkerProtection.None, asJson ? Console.Error.WriteLine : Write);
            var report = await supervisor.CheckJudgesAsync(order, parsed.GetValue(device)!, cancellation);
            if (asJson) JsonOutput.Write(JudgeCheckDocument.Of(report.Judges!), PrintedJson.Default.JudgeCheckDocument);
            else Write(report.Text);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Option<string> Column(string name, string column, string what) =>
        new(name) { Description = $"Column of {what}.", DefaultValueFactory = _ => column };

    private static NamedJudge Judge(string text) =>
        text.Split('=', 2) is [var profile, var files] && files.Split(',', 2) is [{ Length: > 0 }, ..] parts
        ? new NamedJudge(profile, Path.GetFullPath(parts[0]), parts.Length == 2 ? Path.GetFullPath(parts[1]) : null)
        : throw new ConfigurationException(
            $"TITER633 '{text}' names no judge. Write PROFILE=FOLDER, for example qwen3guard-gen=/models/Qwen3Guard-Gen-0.6B. Profiles: "
                + $"{string.Join(", ", JudgeTable.All.Keys)}.");

    private void Write(string line) => console.Profile.Out.Writer.WriteLine(line);
}
