# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for dkms(8). What is offered comes from "dkms complete".

function __dkms_complete
    set -l before (commandline -opc)
    set -l last (commandline -ct)
    for line in (dkms complete $before[2..-1] "$last" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$last"
            case :folders
                __fish_complete_directories "$last"
            case '*'
                echo $line
        end
    end
end

complete -c dkms -f -a '(__dkms_complete)'
