using System.CommandLine;

namespace Titer.Cli.Commands;

/// <summary>Prints what makes a shell complete <c>titer</c>: every shell asks titer itself, so that it knows of every verb and option.</summary>
internal sealed class CompletionCommand : ICliCommand
{
    /// <summary>By shell: the script, and what to write into its start file.</summary>
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # In ~/.bashrc:  source <(titer completion bash)
            _titer() {
              local IFS=$'\n'
              COMPREPLY=($(titer "[suggest:$COMP_POINT]" "$COMP_LINE" 2> /dev/null))
              # What begins like the word that is typed.
              COMPREPLY=($(compgen -W "${COMPREPLY[*]}" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _titer titer
            """,
        ["zsh"] = """
            # In ~/.zshrc, after compinit:  source <(titer completion zsh)
            _titer() {
              local line="${(j: :)words[1,CURRENT]}"
              local -a found
              found=("${(@f)$(titer "[suggest:${#line}]" "$line" 2> /dev/null)}")
              found=(${(M)found:#${words[CURRENT]}*})
              if (( ${#found} )); then compadd -a found; else _files; fi
            }
            compdef _titer titer
            """,
        ["fish"] = """
            # titer completion fish > ~/.config/fish/completions/titer.fish
            function __titer_complete
                set -l line (commandline -cp)
                titer "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
            end
            complete -c titer -a '(__titer_complete)'
            """,
    };

    public Command Build()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Print what makes a shell complete titer's verbs and options.") { shell };
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(Scripts[parsed.GetValue(shell)!]);
            return ExitCodes.Success;
        });
        return command;
    }
}
