def export_note_by_note(*a): raise NotImplementedError
